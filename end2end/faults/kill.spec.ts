// Row 28: SIGKILL at every fail point between deposit and settlement. The points are the server's own list, read from
// the program when the tests are collected: a point without a test, or a test whose point is never reached, is a failure.

import { execFileSync } from "node:child_process";

import { BATCH_JOB, WEB_PAGE, type Headless } from "../harness/headless.ts";
import { program } from "../harness/settings.ts";
import type { World } from "../harness/world.ts";
import { expect, test } from "./world.ts";
import { expectAllIsWell } from "./invariants.ts";
import { close, endedSoon, live, type Plot } from "./life.ts";

/** It runs, and the buyer closes it. */
const CLOSED: Plot = { runs: true, whenActive: close };

/** The kept balance pays, as soon as auto-sign is on and the price is requested again. */
const AUTO_SIGNED: Plot = {
  ...CLOSED,
  words: "a static site for 1 hour",
  pay: async (_, buyer) => buyer.keepAndArm(5_000_000n),
  whenQuoted: async (world, buyer, order) => {
    try {
      await buyer.api.call("requote", { order });
    } catch (error) {
      if ((await endedSoon(world)) === null) throw error;
    }
  },
};

/** Longer than an announced payment can be cancelled, in seconds. */
const COUNTDOWN = 11;

async function happened(world: World, order: string, ...names: string[]): Promise<boolean> {
  return (await world.database.events(order)).some((name) => names.includes(name));
}

/** Sends a request during which the server may die. */
async function unlessItDies(world: World, ask: () => Promise<unknown>): Promise<void> {
  try {
    await ask();
  } catch (error) {
    if ((await endedSoon(world)) === null) throw error;
  }
}

/** The kept balance pays once the price has been shown for the countdown. */
const ANNOUNCED: Plot = {
  ...AUTO_SIGNED,
  pay: async (_, buyer) => buyer.keepAndArm(5_000_000n, "after_countdown"),
  whenQuoted: async (world, buyer, order) => {
    if (await happened(world, order, "payment_announced")) await world.advance(COUNTDOWN);
    else await unlessItDies(world, () => buyer.api.call("requote", { order }));
  },
};

/** Its buyer cancels the announced payment, and pays by hand. */
const CANCELLED: Plot = {
  ...ANNOUNCED,
  whenQuoted: async (world, buyer, order) => {
    if (await happened(world, order, "payment_cancelled")) {
      await unlessItDies(world, () => buyer.pay(order));
    } else if (await happened(world, order, "payment_announced")) {
      await unlessItDies(world, () => buyer.api.call("cancel_payment", { order }));
    } else {
      await unlessItDies(world, () => buyer.api.call("requote", { order }));
    }
  },
};

/** Necto sends what the buyer only signed. */
const SIGNED: Plot = { ...CLOSED, pay: async (_, buyer, order) => buyer.signDeposit(order) };

/** The same for a top-up: what was signed once is sent again until it has arrived. */
const signed = new Map<string, Record<string, unknown>>();
const TOP_UP_SIGNED: Plot = {
  runs: true,
  whenActive: async (world, buyer, order) => {
    const arrived = () => happened(world, order, "topped_up");
    const relay = signed.get(order) ?? (await buyer.signTopUp(order, 50_000n));
    signed.set(order, relay);
    if (!(await arrived())) await unlessItDies(world, () => buyer.api.call("relay_top_up", relay));
    await expect.poll(async () => world.serverEndedBy() !== null || (await arrived()), { timeout: 60_000 }).toBe(true);
    await close(world, buyer, order);
  },
};

/** While it runs it gets another image; the server may die during the very request for it. */
async function update(world: World, buyer: Headless, order: string): Promise<void> {
  if (!(await happened(world, order, "update_requested"))) {
    const text = WEB_PAGE.replace("nginx:1.27.3", "nginx:1.28.0");
    try {
      await buyer.api.call("update_deployment", { order, text });
    } catch (error) {
      if ((await endedSoon(world)) === null) throw error;
      return;
    }
  }
  await expect
    .poll(
      async () => {
        if (world.serverEndedBy() !== null || (await happened(world, order, "updated", "update_refused"))) return true;
        // A call that may still land is waited for, for longer than a test should take.
        await world.advance(10);
        return false;
      },
      { timeout: 60_000 },
    )
    .toBe(true);
  await close(world, buyer, order);
}

const UPDATED: Plot = { runs: true, whenActive: update };

/** The provider refuses what Akash had already accepted. */
const UPDATE_REFUSED: Plot = { ...UPDATED, prepare: (world) => world.market.scenario("update_turned_down") };

/** It is paid for longer than the limit that Akash was first told. */
const TOPPED_UP: Plot = {
  runs: true,
  whenActive: async (world, buyer, order) => {
    await buyer.topUp(order, 50_000n);
    const limit = `SELECT runtime_limit_hours AS hours FROM orders WHERE id = '${order}'`;
    const raised = async () => ((await world.database.rows<{ hours: number | null }>(limit))[0]?.hours ?? null) !== null;
    await expect.poll(async () => world.serverEndedBy() !== null || (await raised()), { timeout: 60_000 }).toBe(true);
    await close(world, buyer, order);
  },
};

/** Runs that reach the points that the first one does not. */
const PLOTS: Record<string, Plot> = {
  auto_signed: AUTO_SIGNED,
  spend: AUTO_SIGNED,
  payment_announced: ANNOUNCED,
  payment_cancelled: CANCELLED,
  fund: SIGNED,
  top_up: TOP_UP_SIGNED,
  no_bids: {
    runs: false,
    prepare: (world) => world.market.scenario("no_bids"),
    whenBidding: (world) => world.advance(301),
  },
  not_picked: {
    runs: false,
    acceptance: "manual",
    whenBidding: async (world, _, order) => {
      await untilSomebodyBids(world, order);
      await world.advance(301);
    },
  },
  topped_up: TOPPED_UP,
  raise_limit: TOPPED_UP,
  heartbeat: {
    runs: true,
    whenActive: async (world, buyer, order) => {
      await world.advance(16 * 60);
      await expect
        .poll(async () => world.serverEndedBy() !== null || (await signsOfLife(world.database, order)) > 0, {
          timeout: 60_000,
        })
        .toBe(true);
      await close(world, buyer, order);
    },
  },
  update_requested: UPDATED,
  update_mark: UPDATED,
  update: UPDATED,
  updated: UPDATED,
  take_back: UPDATE_REFUSED,
  update_refused: UPDATE_REFUSED,
  budget_spent: { runs: true, whenActive: (world) => world.advance(3_600) },
  log_chunk: {
    runs: true,
    whenActive: async (world, buyer, order) => {
      const chunks = async () => world.database.rows(`SELECT 1 AS chunk FROM log_chunks WHERE order_id = '${order}'`);
      await expect
        .poll(async () => world.serverEndedBy() !== null || (await chunks()).length > 0, { timeout: 60_000 })
        .toBe(true);
      await close(world, buyer, order);
    },
  },
  finished: { runs: true, sdl: BATCH_JOB, whenActive: (world) => world.advance(90) },
  lease_lost: {
    runs: true,
    prepare: (world) => world.market.scenario("closed_unstable"),
    whenActive: (world) => world.advance(90),
  },
  step_failed: { runs: false, prepare: (world) => world.market.scenario("bid_closes_before_lease") },
  escrow_ended: {
    runs: true,
    whenActive: async (world, buyer) => {
      const [escrow] = (await world.chain.escrows()).filter(({ buyer: who }) => who === buyer.account.address);
      if (escrow?.status === "active") await buyer.escrow("close", [escrow.id]);
      await world.advance(20);
    },
  },
};

/** A window in which no provider bid ends differently from one in which no bid was chosen. */
async function untilSomebodyBids(world: World, order: string): Promise<void> {
  const bids = async () => (await world.database.rows(`SELECT 1 AS bid FROM bids WHERE order_id = '${order}'`)).length;
  await expect.poll(async () => world.serverEndedBy() !== null || (await bids()) > 0, { timeout: 60_000 }).toBe(true);
}

async function signsOfLife(database: { rows<T>(sql: string): Promise<T[]> }, order: string): Promise<number> {
  const rows = await database.rows(`SELECT hash FROM transactions WHERE order_id = '${order}' AND kind = 'heartbeat'`);
  return rows.length;
}

const points = execFileSync(program("necto"), ["fail-points"], { encoding: "utf8" }).trim().split("\n");

for (const point of points) {
  test(`row 28: killed ${point.replace(":", " ")}`, async ({ world }) => {
    const what = point.split(":")[1] ?? "";
    const plot = PLOTS[what] ?? CLOSED;
    const life = await live(world, plot, { NECTO_FAIL_POINT: `${point}=kill` });
    expect(life.deaths, "the point was reached, once").toEqual(["SIGKILL"]);
    await expectAllIsWell(world, life, plot.runs);
  });
}
