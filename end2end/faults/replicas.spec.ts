// Rows 32, 34 and 41 to 43: several server processes on one database share the work, whatever becomes of one of them.

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
/** A worker says so often that it is alive, in seconds. */
const BEAT = 11;
/** Jobs that lead nowhere: far more than any class has slots for at once. */
const STRAY_JOBS = 2_000;
/** Kinds that this version has no hands for, and one that it has, of orders that do not exist. */
const STRAY_KINDS = ["of_a_later_version", "watch_end"];

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

/** Tables that a later version's migration adds a column to. */
const WIDENED = ["orders", "events", "jobs", "sessions", "outbox", "chain_events", "exposures", "log_chunks", "bids"];

/** Adds a column, as a later version's migration may. */
async function widen(world: World, column: string): Promise<void> {
  for (const table of WIDENED) await world.database.change(`ALTER TABLE ${table} ADD COLUMN ${column} TEXT`);
}

/** Takes that column away, where it was added. */
async function narrow(world: World, column: string): Promise<void> {
  for (const table of WIDENED) {
    if (await has(world, table, column)) await world.database.change(`ALTER TABLE ${table} DROP COLUMN ${column}`);
  }
}

async function has(world: World, table: string, column: string): Promise<boolean> {
  const sql =
    world.database.engine === "sqlite"
      ? `SELECT COUNT(*) AS n FROM pragma_table_info('${table}') WHERE name = '${column}'`
      : `SELECT COUNT(*)::int AS n FROM information_schema.columns WHERE table_name = '${table}' AND column_name = '${column}'`;
  const [row] = await world.database.rows<{ n: number }>(sql);
  return (row?.n ?? 0) > 0;
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

test("row 41: the registry of workers is emptied under two servers: each registers anew, and nothing is done twice", async ({ world }) => {
  const other = await world.startAnother("forgotten");
  try {
    const lives = await paidOrders(world);
    const workers = async () => world.database.rows<{ id: string }>("SELECT id FROM workers ORDER BY id");
    const before = (await workers()).map(({ id }) => id);
    expect(before.length).toBeGreaterThanOrEqual(2);
    await world.database.change("DELETE FROM workers");
    await expect
      .poll(
        async () => {
          // They notice when they next say that they are alive.
          await world.advance(BEAT);
          return (await workers()).filter(({ id }) => !before.includes(id)).length;
        },
        { timeout: 60_000 },
      )
      .toBeGreaterThanOrEqual(2);
    for (const { order } of lives) await reaches(world, order, ["active"]);
    await expectEachOnce(world, lives);
  } finally {
    await other.stop();
  }
});

test("row 41: a worker's time is over while it lives: others take over, it drops what it held, and nothing is done twice", async ({ world }) => {
  const other = await world.startAnother("late");
  try {
    const lives = await paidOrders(world);
    for (let count = 0; count < 5; count++) {
      await world.database.change("UPDATE workers SET alive_until_ms = 0");
      await world.advance(BEAT);
    }
    for (const { order } of lives) await reaches(world, order, ["active"]);
    await expectEachOnce(world, lives);
  } finally {
    await other.stop();
  }
});

test("row 42: jobs that no one can carry out fill the queue, and new orders come through beside them", async ({ world }) => {
  const columns = "id, kind, order_id, due_ms, leased_until_ms, fence, nudges, attempts, last_error, dead";
  const rows = Array.from({ length: STRAY_JOBS }, (_, n) => {
    const kind = STRAY_KINDS[n % STRAY_KINDS.length];
    return `('stray:${n}', '${kind}', NULL, 1, 0, 0, 0, 0, NULL, 0)`;
  });
  await world.database.change(`INSERT INTO jobs (${columns}) VALUES ${rows.join(", ")}`);
  try {
    const lives = await paidOrders(world);
    for (const { order } of lives) await reaches(world, order, ["active"]);
    for (const { buyer, order } of lives) await close(world, buyer, order);
    for (const { order } of lives) await reaches(world, order, ["settled"]);
  } finally {
    await world.database.change("DELETE FROM jobs WHERE id LIKE 'stray:%'");
  }
});

test("row 43: a later version has changed the schema: this one goes on beside it, and starts anew", async ({ world }) => {
  const other = await world.startAnother("beside");
  try {
    const later = "(99990101, 'of a later Necto', TRUE, ";
    const checksum = world.database.engine === "sqlite" ? "X'00'" : "'\\x00'";
    await world.database.change(
      `INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES ${later}${checksum}, 1)`,
    );
    await widen(world, "of_a_later_version");
    await world.database.change("CREATE TABLE of_a_later_version (id TEXT PRIMARY KEY)");
    const lives = await paidOrders(world);
    for (const { order } of lives) await reaches(world, order, ["active"]);
    // Every statement of both servers is prepared by now.
    await widen(world, "of_a_still_later_version");
    const more = await paidOrders(world);
    for (const { order } of more) await reaches(world, order, ["active"]);
    await world.restartServer();
    await world.advance(CLAIM);
    await expectEachOnce(world, [...lives, ...more]);
  } finally {
    await other.stop();
    // Whatever comes next in this world finds the schema as it was.
    await narrow(world, "of_a_later_version");
    await narrow(world, "of_a_still_later_version");
    await world.database.change("DROP TABLE IF EXISTS of_a_later_version");
    await world.database.change("DELETE FROM _sqlx_migrations WHERE version = 99990101");
  }
});
