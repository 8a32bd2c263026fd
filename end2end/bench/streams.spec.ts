// The memory cost of a stream, compared with a small Node server in the same run, and ten thousand of them on one
// process. The figures go to the file that NECTO_FIGURES names.

import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { setTimeout as pause } from "node:timers/promises";

import { expect, test } from "@playwright/test";

import { World } from "../harness/world.ts";

/** How many streams are open at once, one step after the other. */
const STEPS = [2_000, 10_000];
/** Opened and closed again before anything is measured: what a process keeps for itself is not a cost of streams. */
const WARM_UP = 500;
/** How long a process rests before its memory is read. */
const REST_MS = 3_000;

const CLIENT = fileURLToPath(new URL("./streams/client.mjs", import.meta.url));
const PEER = fileURLToPath(new URL("./streams/peer.mjs", import.meta.url));

test("streams are light", async () => {
  const file = process.env["NECTO_FIGURES"];
  if (!file) throw new Error("NECTO_FIGURES names no file: run `cargo xtask bench --streams`");
  const world = await World.start({});
  const peer = fork(PEER, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  try {
    const [{ port }] = (await once(peer, "message")) as [{ port: number }];
    const necto = await measured(`${world.url}/api/market/events`, world.serverPid());
    const node = await measured(`http://127.0.0.1:${port}/events`, peer.pid as number);
    const figures = STEPS.map((streams, at) => ({ streams, necto_bytes: necto[at], node_bytes: node[at] }));
    await writeFile(file, JSON.stringify(figures, null, 2));
  } finally {
    peer.kill();
    await world.stop();
  }
});

/** Bytes of memory per stream, at each step. */
async function measured(url: string, pid: number): Promise<number[]> {
  await withStreams(url, WARM_UP, async () => pause(REST_MS));
  await pause(REST_MS);
  const idle = residentBytes(pid);
  const each: number[] = [];
  for (const streams of STEPS) {
    await withStreams(url, streams, async () => {
      await pause(REST_MS);
      each.push(Math.round((residentBytes(pid) - idle) / streams));
    });
    await pause(REST_MS);
  }
  return each;
}

/** Holds streams open, in a process of their own, each of which has answered. */
async function withStreams(url: string, streams: number, meanwhile: () => Promise<void>): Promise<void> {
  const client: ChildProcess = fork(CLIENT, [url, String(streams)], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  try {
    const [opened] = (await once(client, "message")) as [{ opened: number; refused: string[] }];
    expect(opened.refused).toEqual([]);
    expect(opened.opened).toBe(streams);
    await meanwhile();
  } finally {
    client.kill();
    await once(client, "exit");
  }
}

function residentBytes(pid: number): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  if (kibibytes === undefined) throw new Error(`process ${pid} tells no memory`);
  return Number(kibibytes) * 1024;
}
