// How a new order progresses beside many running ones, and what these cost. The figures go to the file that
// NECTO_FIGURES names, as Markdown.

import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";

import { test } from "@playwright/test";

import { stateOf } from "../harness/api.ts";
import { Headless, WEB_PAGE } from "../harness/headless.ts";
import { World } from "../harness/world.ts";

const RUNNING = Number(process.env["NECTO_LIVE_DEPLOYMENTS"] ?? 50);
/** Buyers who order at the same time while the deployments are brought up. */
const BUYERS_AT_ONCE = 12;
/** Orders that are paid or being paid and do not run yet, while the deployments are brought up. */
const ON_THEIR_WAY = 24;
/** How often the running ones are counted meanwhile, in milliseconds. */
const LOOK_MS = 1_000;
/** The duration of each order, in seconds: none ends before the last one is measured. */
const PAID_FOR = 6 * 3_600;
/** How long the running deployments are watched, in milliseconds. */
const WATCHED_MS = 60_000;
/** Longest time that a new order may take, in milliseconds; a stuck one ends there. */
const LONGEST_MS = 300_000;
/** An order that is refused because of the rate limit is sent again after this long. */
const TOO_SOON_MS = 2_000;

/** The states on the way from the deposit to a running deployment, in order. */
const STEPS = ["funded", "opening", "bidding", "activating", "leasing", "active"] as const;
type Step = (typeof STEPS)[number];

/** Milliseconds from the deposit's block until each step was reached, and until the deployment was ready. */
type Times = Partial<Record<Step | "ready", number>>;

test(`a new order beside ${RUNNING} running deployments`, async () => {
  test.setTimeout(4 * 3_600_000);
  const file = process.env["NECTO_FIGURES"];
  if (!file) throw new Error("NECTO_FIGURES names no file: run `cargo xtask bench --live-deployments N`");
  const world = await World.start({ settings: { NECTO_HEARTBEAT_HOURS: "24" } });
  try {
    const alone = await measured(world);
    const begun = Date.now();
    await bringUp(world);
    console.log(`${RUNNING} deployments run after ${Math.round((Date.now() - begun) / 1_000)} s`);
    const cost = await watched(world);
    const beside = await measured(world);
    await writeFile(file, `${table(alone, beside)}\n${cost}`);
  } finally {
    await world.stop();
  }
});

/** Orders, pays, and records when each step is reached. */
async function measured(world: World): Promise<Times> {
  const buyer = await patiently(() => Headless.arrive(world));
  const { id } = await patiently(() => buyer.order(WEB_PAGE, PAID_FOR));
  await patiently(() => buyer.pay(id));
  const paidAt = Date.now();
  const times: Times = {};
  while (times.ready === undefined) {
    const since = Date.now() - paidAt;
    if (since > LONGEST_MS) {
      console.log(`not ready after ${LONGEST_MS / 1_000} s: ${JSON.stringify(times)}`);
      break;
    }
    const order = await buyer.api.order(id);
    const reached = STEPS.indexOf(stateOf(order) as Step);
    for (const step of STEPS.slice(0, reached + 1)) times[step] ??= since;
    if (reached === STEPS.length - 1 && order.services.some(({ uris }) => uris.length > 0)) times.ready = since;
    await pause(100);
  }
  return times;
}

/**
 * Starts as many deployments as requested. Only so many orders are on their way at once: each asks Console for its bids
 * every few seconds, and all of them share the calls that one process makes in a second.
 */
async function bringUp(world: World): Promise<void> {
  let [begun, running] = [0, 0];
  const buyers = Array.from({ length: BUYERS_AT_ONCE }, async () => {
    while (begun < RUNNING) {
      if (begun - running >= ON_THEIR_WAY) {
        await pause(LOOK_MS);
        continue;
      }
      begun += 1;
      const buyer = await patiently(() => Headless.arrive(world));
      const { id } = await patiently(() => buyer.order(WEB_PAGE, PAID_FOR));
      await patiently(() => buyer.pay(id));
    }
  });
  const arrived = Promise.all(buyers);
  // The order that was measured alone is running as well.
  while (running < RUNNING) {
    const [row] = await world.database.rows<{ n: number }>("SELECT COUNT(*) AS n FROM orders WHERE state_name = 'active'");
    const active = (row?.n ?? 0) - 1;
    if (Math.floor(active / 100) > Math.floor(running / 100)) console.log(`  ${active} are running`);
    running = active;
    await pause(LOOK_MS);
  }
  await arrived;
}

/** Retries while the server asks to slow down. */
async function patiently<T>(act: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (!/: (429|503) /.test(String(error))) throw error;
      await pause(TOO_SOON_MS);
    }
  }
}

/** Watches the running deployments for a while: calls to Console, memory, growth of the database, jobs. */
async function watched(world: World): Promise<string> {
  // Deployments that have just started have yet to settle.
  await pause(WATCHED_MS / 2);
  await world.market.forgetRequests();
  const [before, ranBefore] = [await size(world), await runs(world)];
  await pause(WATCHED_MS);
  const [after, ranAfter] = [await size(world), await runs(world)];
  const calls = (await world.market.requests()).filter(({ path }) => /^\/v[12]\//.test(path));
  const [hour, seconds] = [3_600_000 / WATCHED_MS, WATCHED_MS / 1_000];
  const kinds = new Map<string, number>();
  for (const { method, path } of calls) {
    const kind = `${method} ${path.replace(/\?.*$/, "").replace(/\/(\d+|akash1\w+)/g, "/…")}`;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  const lines = [
    `| of ${RUNNING + 1} running deployments | |`,
    "|---|--:|",
    `| Console calls a second, all together | ${(calls.length / seconds).toFixed(1)} |`,
    `| Console calls a deployment and hour | ${Math.round((calls.length * hour) / (RUNNING + 1))} |`,
    `| the database's growth a deployment and hour, kB | ${Math.round(((after - before) * hour) / (RUNNING + 1) / 1_000)} |`,
    `| the server's memory, MB | ${Math.round(memory(world) / 1_000)} |`,
    ...[...kinds].sort(([, one], [, other]) => other - one).map(([kind, number]) => `| calls: ${kind} | ${number} |`),
    ...[...ranAfter].map(([kind, number]) => `| jobs a second: ${kind} | ${((number - (ranBefore.get(kind) ?? 0)) / seconds).toFixed(1)} |`),
  ];
  return `${lines.join("\n")}\n`;
}

/** Size of the database in bytes. */
async function size(world: World): Promise<number> {
  const sql =
    world.database.engine === "sqlite"
      ? "SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()"
      : "SELECT pg_database_size(current_database()) AS bytes";
  const [row] = await world.database.rows<{ bytes: number }>(sql);
  return row?.bytes ?? 0;
}

/** How often jobs of each kind have run so far, as the server counts. */
async function runs(world: World): Promise<Map<string, number>> {
  const text = await (await fetch(`${world.url}/metrics`)).text();
  const samples = text.matchAll(/^necto_job_runs_total\{kind="(\w+)"\} (\d+)$/gm);
  return new Map([...samples].map(([, kind, number]) => [kind ?? "", Number(number)]));
}

/** Resident memory of the server, in kB. */
function memory(world: World): number {
  const status = readFileSync(`/proc/${world.serverPid()}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
}

function table(alone: Times, beside: Times): string {
  const shown = (times: Times, step: Step | "ready") => (times[step] === undefined ? "–" : String(times[step]));
  const lines = ([...STEPS, "ready"] as const).map((step) => {
    const later = (beside[step] ?? NaN) - (alone[step] ?? NaN);
    return `| ${step} | ${shown(alone, step)} | ${shown(beside, step)} | ${Number.isNaN(later) ? "–" : later} |`;
  });
  return `${[`| ms after the deposit | with none running | beside ${RUNNING} | later |`, "|---|--:|--:|--:|", ...lines].join("\n")}\n`;
}
