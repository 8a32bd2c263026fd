// The effect of an attack on others: another visitor's page loads, measured meanwhile.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { setTimeout as pause } from "node:timers/promises";

import { expect } from "@playwright/test";

import { freshAddress } from "./source.ts";

const VISITOR = fileURLToPath(new URL("visitor.mjs", import.meta.url));
/** The pages that the visitor loads. */
const PAGES = ["/", "/deployments", "/market"];
/** With this many loads, the slowest twentieth is meaningful. */
const LEAST_LOADS = 20;
/** The longest time that another visitor may wait for a page, in 95 of 100 loads. */
const P95_MS = 100;

interface Load {
  path: string;
  status: number;
  ms: number;
}

/** Runs an attack while another visitor loads pages; checks on its own whether that visitor was slowed down. */
export async function beside<T>(server: string, attack: () => Promise<T>): Promise<T> {
  const child = spawn(process.execPath, [VISITOR, server, freshAddress(), ...PAGES], { stdio: ["pipe", "pipe", "inherit"] });
  let printed = "";
  child.stdout.on("data", (piece: Buffer) => (printed += piece.toString()));
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  let result: T;
  try {
    // The visitor was there first, and stays long enough for a measurement.
    const enough = pause(2_000 + LEAST_LOADS * 550);
    await pause(1_000);
    result = await attack();
    await enough;
  } finally {
    child.stdin.end();
    await ended;
  }
  const loads = JSON.parse(printed) as Load[];
  const times = loads.map(({ ms }) => ms).sort((one, other) => one - other);
  const p95 = times[Math.ceil(times.length * 0.95) - 1] ?? Infinity;
  const worst = times.at(-1) ?? Infinity;
  console.log(`  another visitor: ${times.length} pages, p95 ${p95.toFixed(0)} ms, worst ${worst.toFixed(0)} ms`);
  expect.soft(loads.length, "pages that another visitor loaded meanwhile").toBeGreaterThanOrEqual(LEAST_LOADS);
  expect.soft(loads.filter(({ status }) => status !== 200), "what another visitor was refused").toEqual([]);
  expect.soft(Math.round(p95), `another visitor's wait in ms, p95 of ${times.length} (worst ${worst.toFixed(0)})`).toBeLessThan(P95_MS);
  return result;
}
