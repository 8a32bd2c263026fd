// The life of an order from deposit to receipt, driven by a headless buyer, whatever happens to the server meanwhile.

import { setTimeout as pause } from "node:timers/promises";

import { Headless, WEB_PAGE } from "../harness/headless.ts";
import type { World } from "../harness/world.ts";

/** Longest real time of a run. */
const LIFETIME_MS = 100_000;
/** A dead worker's claims hold for 30 s: then another worker may continue. */
const CLAIMS_RUN_OUT = 31;
/** How often the world is polled. */
const LOOK_MS = 150;

/** How an order proceeds once money is in escrow. */
export interface Plot {
  /** Who picks the bid. */
  acceptance?: "automatic" | "manual";
  /** How the money gets into escrow, if not in the usual way. */
  pay?: (world: World, buyer: Headless, order: string) => Promise<void>;
  /** Called repeatedly while a price is valid and nothing was paid: for payments that a dying server forgot. */
  whenQuoted?: (world: World, buyer: Headless, order: string) => Promise<void>;
  /** What to run in words, if not as an SDL. */
  words?: string;
  /** What to run, if not the usual SDL. */
  sdl?: string;
  /** Before the deposit. */
  prepare?: (world: World) => Promise<void>;
  /** Called once, when it runs. */
  whenActive?: (world: World, buyer: Headless, order: string) => Promise<void>;
  /** Called once, while bids are collected. */
  whenBidding?: (world: World, buyer: Headless, order: string) => Promise<void>;
  /** Whether it runs at all: otherwise nothing may be released. */
  runs: boolean;
  /** The order's duration in seconds; an hour by default. */
  seconds?: number;
}

/** The result of a run. */
export interface Life {
  buyer: Headless;
  order: string;
  deposit: bigint;
  /** How the server ended during the run, if it did. */
  deaths: string[];
}

/** Closes the order as buyers do. The server may die during this request: it is then sent again. */
export async function close(world: World, buyer: Headless, order: string): Promise<void> {
  try {
    await buyer.api.close(order);
  } catch (error) {
    const { state_name: state } = await world.database.order(order);
    if ((await endedSoon(world)) === null && !["closing", "settling", "settled"].includes(state)) throw error;
  }
}

/** How the server ended, if it did: a connection breaks a moment before its process is gone. */
export async function endedSoon(world: World): Promise<string | null> {
  for (let look = 0; look < 20 && world.serverEndedBy() === null; look++) await pause(LOOK_MS);
  return world.serverEndedBy();
}

/** Waits until an order is in one of these states. */
export async function reaches(world: World, order: string, states: string[]): Promise<void> {
  const deadline = Date.now() + LIFETIME_MS;
  for (;;) {
    const row = await world.database.order(order);
    if (states.includes(row.state_name)) return;
    if (Date.now() > deadline) {
      const jobs = JSON.stringify(await world.database.jobs());
      throw new Error(`not ${states.join()} but ${row.state_name} (${row.notice ?? "no notice"}); jobs: ${jobs}`);
    }
    await pause(LOOK_MS);
  }
}

/** Runs an order from a fresh quote on; `settings` are the server's until it dies for the first time. */
export async function live(world: World, plot: Plot, settings: Record<string, string>): Promise<Life> {
  const buyer = await Headless.arrive(world);
  const { id: order, deposit } = await ordered(buyer, plot);
  await world.restartServer(settings);
  const dies = settings["NECTO_FAIL_POINT"]?.endsWith("=kill") ?? false;
  return follow(world, plot, { buyer, order, deposit, dies });
}

async function ordered(buyer: Headless, plot: Plot): Promise<{ id: string; deposit: bigint }> {
  return plot.words === undefined ? buyer.order(plot.sdl ?? WEB_PAGE, plot.seconds) : buyer.orderInWords(plot.words);
}

/** The same on a server that continues as it is. */
export async function liveOn(world: World, plot: Plot): Promise<Life> {
  const buyer = await Headless.arrive(world);
  const { id: order, deposit } = await ordered(buyer, plot);
  return follow(world, plot, { buyer, order, deposit, dies: false });
}

function payAsUsual(plot: Plot): NonNullable<Plot["pay"]> {
  return async (_, buyer, order) => {
    await buyer.pay(order, plot.acceptance);
  };
}

/** The start of a run, and whether the server will be killed during it. */
interface Birth {
  buyer: Headless;
  order: string;
  deposit: bigint;
  dies: boolean;
}

async function follow(world: World, plot: Plot, { buyer, order, deposit, dies }: Birth): Promise<Life> {
  await plot.prepare?.(world);
  const deaths: string[] = [];
  try {
    await (plot.pay ?? payAsUsual(plot))(world, buyer, order);
  } catch (error) {
    // The server may die during this request, with nothing sent to the chain yet: it is then sent again.
    const ended = await endedSoon(world);
    if (ended === null) throw error;
    deaths.push(ended);
    await world.restartServer();
    await world.advance(CLAIMS_RUN_OUT);
    await (plot.pay ?? payAsUsual(plot))(world, buyer, order);
  }
  const done = { active: false, bidding: false };
  const deadline = Date.now() + LIFETIME_MS;
  for (;;) {
    const ended = world.serverEndedBy();
    if (ended !== null) {
      deaths.push(ended);
      await world.restartServer();
      await world.advance(CLAIMS_RUN_OUT);
    }
    const row = await world.database.order(order);
    if (["settled", "needs_human", "abandoned"].includes(row.state_name)) {
      // Killed right after the last step: that was stored a moment before the process was gone.
      if (!dies || deaths.length > 0 || (await endedSoon(world)) === null) break;
      continue;
    }
    if (Date.now() > deadline) {
      const jobs = JSON.stringify(await world.database.jobs());
      throw new Error(`still ${row.state_name} (${row.notice ?? "no notice"}); deaths: ${deaths.join()}; jobs: ${jobs}`);
    }
    // What an unanswered call may have left is waited for, for longer than a test should take.
    if (["opening", "closing"].includes(row.state_name) && row.notice !== null) {
      await world.advance(CLAIMS_RUN_OUT);
      await pause(LOOK_MS * 10);
    }
    if (row.state_name === "quoted") await plot.whenQuoted?.(world, buyer, order);
    if (row.state_name === "bidding" && !done.bidding) {
      await plot.whenBidding?.(world, buyer, order);
      done.bidding = true;
    }
    if (row.state_name === "active") {
      if (!done.active) await plot.whenActive?.(world, buyer, order);
      done.active = world.serverEndedBy() === null;
    }
    await pause(LOOK_MS);
  }
  await world.market.disarm();
  return { buyer, order, deposit, deaths };
}
