// The server may end at any time, without a chance to clean up.

import { escrowOf } from "../harness/books.ts";
import { Buyer } from "../harness/buyer.ts";
import { expect, test } from "../harness/test.ts";

test("a server killed after the deposit finishes the deployment, exactly once", async ({ page, wallet, world }) => {
  const buyer = new Buyer(page);
  await buyer.arrive();
  await buyer.describe("Run a PostgreSQL database for a day");
  await buyer.untilQuoted();
  await buyer.connect();
  await buyer.signIn();
  await buyer.takeTestMoney();
  await buyer.deposit("necto");
  await expect.poll(async () => (await world.chain.escrows()).some(({ buyer: who }) => who === wallet.address)).toBe(true);

  await world.killServer();
  await world.restartServer();

  await buyer.reload();
  await buyer.untilPhase("Active");
  expect(await world.market.liveDeployments()).toHaveLength(1);
  expect((await escrowOf(world, wallet.address)).status).toBe("active");
  await buyer.close();
  await buyer.untilSettled();
  expect(await world.market.liveDeployments()).toEqual([]);
});
