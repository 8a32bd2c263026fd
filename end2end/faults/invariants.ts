// What must hold after any sequence of events, read from chain, market and database and never from the server.

import { expectBalancedBooks, expectSettled } from "../harness/books.ts";
import { expect } from "../harness/test.ts";
import type { World } from "../harness/world.ts";
import type { Life } from "./life.ts";

/** Deposits are released, refunded or held; at most one deployment; nothing left running; no silent failure. */
export async function expectAllIsWell(world: World, { buyer, order }: Life, runs: boolean): Promise<void> {
  expect((await world.database.order(order)).state_name, "I4: the order's end").toBe("settled");
  const escrows = (await world.chain.escrows()).filter((escrow) => escrow.buyer === buyer.account.address);
  expect(escrows, "I3: escrows of this buyer").toHaveLength(1);
  const [escrow] = escrows;
  if (!escrow) return;
  expectSettled(escrow);
  if (!runs) expect(escrow.released, "I1: paid for what never ran").toBe(0n);

  const deployments = await world.market.deploymentsNamed(`necto-${order}`);
  expect(deployments.length, "I2: deployments of this order").toBeLessThanOrEqual(1);
  if (runs) expect(deployments, "I2: deployments of an order that ran").toHaveLength(1);
  expect(await world.market.liveDeployments(), "I2: live deployments").toEqual([]);

  const events = await world.database.events(order);
  for (const once of ["deposit_confirmed", "opened", "activation_confirmed", "lease_started", "closed"]) {
    expect(events.filter((event) => event === once).length, `I3: ${once}`).toBeLessThanOrEqual(1);
  }
  const ends = events.filter((event) => ["settlement_confirmed", "escrow_ended"].includes(event));
  expect(ends, "I9: how it ended is written down once").toHaveLength(1);
  const receipt = (JSON.parse((await world.database.order(order)).state) as Settled).settled.receipt.settlement;
  expect([BigInt(receipt.released), BigInt(receipt.refunded)], "I5: the receipt says what the chain says").toEqual([
    escrow.released,
    escrow.refunded,
  ]);
  expect((await world.database.jobs()).filter(({ dead }) => Number(dead) !== 0), "I4: dead jobs").toEqual([]);
  await expectBalancedBooks(world);
}

interface Settled {
  settled: { receipt: { settlement: { released: string | number; refunded: string | number } } };
}
