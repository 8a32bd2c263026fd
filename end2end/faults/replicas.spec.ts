// Rows 32 and 34: several server processes on one database share the work, whatever becomes of one of them.

import { setTimeout as pause } from "node:timers/promises";

import { expectBalancedBooks } from "../harness/books.ts";
import { ClockProxy } from "../harness/clock.ts";
import { Headless } from "../harness/headless.ts";
import type { World } from "../harness/world.ts";
import { expectAllIsWell } from "./invariants.ts";
import { close, reaches, type Life } from "./life.ts";
import { expect, test } from "./world.ts";

/** Orders that run at the same time. */
const ORDERS = 6;
/** A claim holds so long: then somebody else may go on. */
const CLAIM = 31;

/** Buyers arrive and pay, one after the other. */
async function paidOrders(world: World): Promise<Life[]> {
  const lives: Life[] = [];
  for (let count = 0; count < ORDERS; count++) {
    const buyer = await Headless.arrive(world);
    const { id: order, deposit } = await buyer.order();
    await buyer.pay(order);
    lives.push({ buyer, order, deposit, deaths: [] });
  }
  return lives;
}

/** Brings them all to their end, and looks whether anything was done twice. */
async function expectEachOnce(world: World, lives: Life[]): Promise<void> {
  for (const { buyer, order } of lives) await close(world, buyer, order);
  for (const { order } of lives) await reaches(world, order, ["settled"]);
  for (const life of lives) await expectAllIsWell(world, life, true);
  await expectBalancedBooks(world);
}

/** Which of these orders a server says it moved. */
function moved(log: string, lives: Life[]): number {
  const lines = log.split("\n").filter((line) => line.includes("order changed"));
  return lives.filter(({ order }) => lines.some((line) => line.includes(order))).length;
}

test("row 32: two servers share the work, and nothing is done twice", async ({ world }) => {
  const other = await world.startAnother("other");
  try {
    const lives = await paidOrders(world);
    for (const { order } of lives) await reaches(world, order, ["active"]);
    await expectEachOnce(world, lives);
    expect(moved(world.serverLog(), lives), "orders the first one had a hand in").toBeGreaterThan(0);
    expect(moved(other.log(), lives), "orders the second one had a hand in").toBeGreaterThan(0);
  } finally {
    await other.stop();
  }
});

test("row 32: one of two servers is killed in the middle of the work, and the other one goes on", async ({ world }) => {
  const other = await world.startAnother("killed");
  const lives = await paidOrders(world);
  await other.killHard();
  await world.advance(CLAIM);
  for (const { order } of lives) await reaches(world, order, ["active"]);
  await expectEachOnce(world, lives);
});

test("row 32: one of two servers is frozen past its claims and wakes up: what it writes is not taken", async ({ world }) => {
  test.skip(world.database.engine === "sqlite", "a frozen process may hold the one write lock of SQLite: its operator ends it");
  const other = await world.startAnother("frozen");
  try {
    const lives = await paidOrders(world);
    other.signal("SIGSTOP");
    await world.advance(CLAIM);
    for (const { order } of lives) await reaches(world, order, ["active"]);
    other.signal("SIGCONT");
    await pause(1_000);
    await expectEachOnce(world, lives);
  } finally {
    other.signal("SIGCONT");
    await other.stop();
  }
});

test("row 34: the clocks of two servers are ten seconds apart", async ({ world }) => {
  const clock = await ClockProxy.start(world.market.url);
  clock.skew(-10);
  const other = await world.startAnother("late", { NECTO_SIMULATED: clock.url });
  try {
    const lives = await paidOrders(world);
    for (const { order } of lives) await reaches(world, order, ["active"]);
    await expectEachOnce(world, lives);
  } finally {
    await other.stop();
    await clock.stop();
  }
});
