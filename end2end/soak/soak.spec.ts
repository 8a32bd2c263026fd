// Many virtual buyers and random faults of all classes; a history of operations is checked when everything is quiet
// again. The seed decides who does what and which fault strikes next; real time decides what they encounter.

import { writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

import { expectBalancedBooks } from "../harness/books.ts";
import { Headless, WEB_PAGE } from "../harness/headless.ts";
import { World } from "../harness/world.ts";
import { expect, test } from "@playwright/test";

const number = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise);
const SEED = number("NECTO_SOAK_SEED", 1);
const MINUTES = number("NECTO_SOAK_MINUTES", 1);
const BUYERS = number("NECTO_SOAK_BUYERS", 5);

/** Without faults, some order must make progress within this much real time while there is something to do. */
const STANDSTILL_MS = 90_000;
/** Longest time of the world, in seconds, that anything may take to end: no order runs for more than an hour. */
const LONGEST = 4 * 3_600;
/** The most real time that completing everything may take; a standstill is noticed long before. */
const ENDING_MS = 1_500_000;

/** One operation of a buyer: the request, and what is known of its outcome. */
interface Operation {
  buyer: number;
  what: "arrive" | "order" | "pay" | "close";
  order: string | null;
  startMs: number;
  endMs: number;
  /** "unknown": the answer was lost, it may have happened. */
  outcome: "ok" | "unknown";
  why?: string;
}

/** Mulberry32: small, seeded, good enough to choose. */
function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

test(`soak: ${BUYERS} buyers, ${MINUTES} min, seed ${SEED}`, async () => {
  test.setTimeout(MINUTES * 60_000 + ENDING_MS);
  const world = await World.start({ seed: SEED, settings: { NECTO_HEARTBEAT_HOURS: "24" } });
  const history: Operation[] = [];
  const struck: string[] = [];
  try {
    const until = Date.now() + MINUTES * 60_000;
    const buyers = Array.from({ length: BUYERS }, (_, index) => trade(world, index, until, history));
    await Promise.all([strike(world, until, struck), ...buyers]);
    await settle(world);
    await check(world, history);
    const count = (outcome: string) => history.filter((one) => one.outcome === outcome).length;
    const orders = await world.database.rows<{ state_name: string; n: number }>(
      "SELECT state_name, COUNT(*) AS n FROM orders GROUP BY state_name",
    );
    console.log(
      `seed ${SEED}: ${history.length} operations (${count("ok")} ok, ${count("unknown")} unknown), ` +
        `${struck.length} faults, orders: ${orders.map(({ state_name: name, n }) => `${n} ${name}`).join(", ")}`,
    );
  } finally {
    const file = process.env["NECTO_SOAK_HISTORY"];
    if (file) writeFileSync(file, JSON.stringify({ seed: SEED, minutes: MINUTES, struck, history }, null, 1));
    await world.stop();
  }
});

/** One buyer: arrives, orders, pays, lets it run for a while, closes, and starts again. */
async function trade(world: World, index: number, until: number, history: Operation[]): Promise<void> {
  const chance = dice(SEED * 1_000 + index);
  let buyer: Headless | undefined;
  await pause(chance() * 20_000);
  const note = async <T>(what: Operation["what"], order: string | null, act: () => Promise<T>): Promise<T | undefined> => {
    const startMs = Date.now();
    try {
      const answer = await act();
      history.push({ buyer: index, what, order, startMs, endMs: Date.now(), outcome: "ok" });
      return answer;
    } catch (error) {
      const why = String(error).slice(0, 200);
      history.push({ buyer: index, what, order, startMs, endMs: Date.now(), outcome: "unknown", why });
      await pause(2_000);
      return undefined;
    }
  };
  while (Date.now() < until) {
    buyer ??= await note("arrive", null, () => Headless.arrive(world));
    if (!buyer) continue;
    const someone = buyer;
    const seconds = chance() < 0.3 ? 1_800 : 3_600;
    const order = await note("order", null, () => someone.order(WEB_PAGE, seconds));
    if (!order) continue;
    // Some only look at the price.
    if (chance() < 0.15) continue;
    const paid = await note("pay", order.id, () => someone.pay(order.id, chance() < 0.9 ? "automatic" : "manual"));
    if (!paid) continue;
    await pause(20_000 + chance() * 100_000);
    // Some never close: their budget ends it.
    if (chance() < 0.8) await note("close", order.id, () => someone.api.close(order.id));
  }
}

/** Lets faults strike, one after the other, as the seed decides. */
async function strike(world: World, until: number, struck: string[]): Promise<void> {
  const chance = dice(SEED);
  const among = <T>(list: readonly T[]): T => list[Math.floor(chance() * list.length)] as T;
  const faults: Record<string, () => Promise<void>> = {
    kill: async () => {
      await world.killServer();
      await world.restartServer();
    },
    freeze: async () => {
      world.signalServer("SIGSTOP");
      await pause(1_000 + chance() * 4_000);
      world.signalServer("SIGCONT");
    },
    "graceful restart": () => world.restartServer(),
    request: () =>
      world.market.scenario(
        among(["server_error", "unavailable", "rate_limited", "html", "garbage", "broken_body", "lost", "database_timeout"]),
      ),
    "create landed then lost": () => world.market.scenario("landed_then_lost", { on: "create" }),
    "close landed then lost": () => world.market.scenario("landed_then_lost", { on: "close" }),
    manifest: () => world.market.scenario("manifest_not_delivered"),
    deployment: () =>
      world.market.scenario(among(["no_bids", "bid_closes_before_lease", "closed_unstable", "insufficient_funds", "crash_loop"])),
    "node away": async () => {
      const lie = among([
        { kind: "status", status: 429 },
        { kind: "status", status: 500 },
        { kind: "broken" },
      ] as const);
      world.rpc.lie(() => lie);
      await pause(2_000 + chance() * 6_000);
      world.rpc.tellTheTruth();
    },
    "node loses answers": async () => {
      world.rpc.lie(({ method }) =>
        method === "eth_sendRawTransaction" && chance() < 0.5 ? { kind: "landed then lost" } : undefined,
      );
      await pause(4_000);
      world.rpc.tellTheTruth();
    },
    "node repeats logs": async () => {
      world.rpc.lie(({ method }) =>
        method === "eth_getLogs"
          ? { kind: "changed", result: (logs) => [...(logs as unknown[]), ...(logs as unknown[])].reverse() }
          : undefined,
      );
      await pause(4_000);
      world.rpc.tellTheTruth();
    },
    "database locked": () => world.database.holdLock(3),
    "time passes": () => world.advance(30 + Math.floor(chance() * 120)),
    "lost wake-ups": () => world.database.change("DELETE FROM jobs WHERE kind = 'drive' AND leased_until_ms = 0"),
  };
  const names = Object.keys(faults);
  while (Date.now() < until) {
    await pause(2_000 + chance() * 6_000);
    const name = among(names);
    struck.push(name);
    await faults[name]?.();
  }
  world.rpc.tellTheTruth();
  await world.market.disarm();
}

interface Moving {
  id: string;
  state_name: string;
  notice: string | null;
}

/** Orders with money in them that have not ended yet. */
async function moving(world: World): Promise<Moving[]> {
  return world.database.rows<Moving>(
    "SELECT id, state_name, notice FROM orders WHERE state_name NOT IN " +
      "('drafted', 'quoted', 'awaiting_deposit', 'settled', 'abandoned') ORDER BY id",
  );
}

/** Without faults every order with money in it ends; time is advanced for those that wait for it. */
async function settle(world: World): Promise<void> {
  let [passed, before, since] = [0, "", Date.now()];
  const pass = async (seconds: number) => {
    passed += seconds;
    await world.advance(seconds);
  };
  for (;;) {
    const left = await moving(world);
    if (left.length === 0) break;
    // Time is advanced for those that wait for it; to those that wait for blocks, a jump would look like a stuck
    // transaction.
    const waiting = left.every(({ state_name: name }) => ["active", "bidding"].includes(name));
    const now = left.map(({ id, state_name: name }) => `${id} ${name}`).join();
    if (waiting || now !== before) since = Date.now();
    before = now;
    if (Date.now() - since > STANDSTILL_MS || passed > LONGEST) {
      throw new Error(`I4: not at their end: ${JSON.stringify(await explained(world, left))}`);
    }
    await pass(waiting ? 300 : 2);
    await pause(2_000);
  }
  // A deposit that arrived for no order is found and returned by the sweep.
  await world.advance(61);
  await expect
    .poll(async () => (await world.chain.escrows()).filter(({ held }) => held !== 0n).length, {
      message: "I1: money still held",
      timeout: STANDSTILL_MS,
      intervals: [1_000],
    })
    .toBe(0);
}

/** What is stuck, with its jobs and the pending calls of the operator's account. */
async function explained(world: World, left: Moving[]): Promise<unknown> {
  const jobs = await world.database.rows("SELECT * FROM jobs ORDER BY id");
  const intents = await world.database.rows(
    "SELECT id, order_id, status, nonce, tx, reason, created_at, finished_at FROM outbox ORDER BY created_at",
  );
  const ids = new Set(left.map(({ id }) => id));
  const concerned = intents.filter((intent) => ids.has((intent as { order_id: string }).order_id));
  return { left, jobs, intents: concerned };
}

/** What must be true of every history. */
async function check(world: World, history: Operation[]): Promise<void> {
  await expectBalancedBooks(world);
  expect(await world.market.liveDeployments(), "I2: nothing runs that nobody pays for").toEqual([]);
  const jobs = await world.database.jobs();
  expect(jobs.filter(({ dead }) => Number(dead) !== 0), "I4: dead jobs").toEqual([]);
  const orders = await world.database.rows<{ id: string; state_name: string; state: string }>(
    "SELECT id, state_name, state FROM orders",
  );
  for (const { id } of orders) {
    const deployments = await world.market.deploymentsNamed(`necto-${id}`);
    expect(deployments.length, `I2: deployments of ${id}`).toBeLessThanOrEqual(1);
  }
  const escrows = await world.chain.escrows();
  const settled = orders.filter(({ state_name: name }) => name === "settled");
  expect(settled.length, "I3: one escrow, one receipt").toBeLessThanOrEqual(escrows.length);
  // What was reported to a buyer as done has been done. A buyer who gives an order up while the deposit is on its way
  // gets it back, and is told.
  for (const { what, order, outcome } of history) {
    if (outcome !== "ok" || order === null || what === "arrive" || what === "order") continue;
    const row = orders.find(({ id }) => id === order);
    if (row?.state_name === "abandoned") {
      expect(await world.database.events(order), `I5: ${what} of ${order}`).toContain("money_strayed");
      continue;
    }
    expect(row?.state_name, `I5: ${what} of ${order} was confirmed`).toBe("settled");
  }
  expect(settled.length, "something was done at all").toBeGreaterThan(0);
}
