// Slow clients: each holds a connection, and must lose it.

import type { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

import { beside } from "./beside.ts";
import { expect, test } from "./crowd.ts";
import { Source } from "./source.ts";

/** Clients of each kind. */
const CLIENTS = 20;
/** How long a public server holds a connection on which nothing is completed. */
const CLOSED_WITHIN_S = 15;
/** How late a timer of the server may be on a busy machine. */
const LATE_S = 3;
/** How long a body may take in total, however it arrives. */
const BODY_WITHIN_S = 60;
/** How much longer it is watched, to distinguish late from never. */
const WATCHED_S = 5;

interface Kind {
  name: string;
  /** What is sent at once. */
  opening: (host: string, origin: string) => string;
  /** What follows each second. */
  drip?: string;
  /** When it must be closed, where that differs from the general limit. */
  withinSeconds?: number;
}

const whole = (host: string) => `GET /healthz HTTP/1.1\r\nHost: ${host}\r\n\r\n`;

const KINDS: Kind[] = [
  { name: "nothing sent", opening: () => "" },
  { name: "one byte", opening: () => "G" },
  { name: "half a head", opening: (host) => `GET / HTTP/1.1\r\nHost: ${host}\r\nAccept: te` },
  { name: "a header a second", opening: (host) => `GET / HTTP/1.1\r\nHost: ${host}\r\n`, drip: "X-Slow: 1\r\n" },
  { name: "the preface of HTTP/2 only", opening: () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" },
  { name: "kept alive, then half a head", opening: (host) => `${whole(host)}GET / HTTP/1.1\r\nHost: ` },
  { name: "kept alive, idle", opening: whole },
  {
    name: "a dripped body",
    opening: (host, origin) =>
      `POST /api/challenge HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${origin}\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{`,
    drip: " ",
    withinSeconds: BODY_WITHIN_S,
  },
];

/** How many seconds after its opening the server closed a connection; `null` if it still holds it. */
async function held(socket: Socket, { drip, withinSeconds = CLOSED_WITHIN_S }: Kind): Promise<number | null> {
  const watched = (withinSeconds + LATE_S + WATCHED_S) * 1_000;
  const began = performance.now();
  let closedAfter: number | null = null;
  const closed = () => (closedAfter ??= (performance.now() - began) / 1_000);
  socket.on("end", closed).on("close", closed).resume();
  while (closedAfter === null && performance.now() - began < watched) {
    await pause(1_000);
    if (drip !== undefined && closedAfter === null && socket.writable) socket.write(drip);
  }
  socket.destroy();
  return closedAfter;
}

test("slow: clients of every kind lose their connections", async ({ target }) => {
  const { url } = target.world;
  const { host } = new URL(url);
  // All kinds at once, each from an address of its own.
  const outcomes = await beside(url, () =>
    Promise.all(
      KINDS.map(async (kind) => {
        const source = new Source(target.servers);
        const opened = await Promise.allSettled(Array.from({ length: CLIENTS }, () => source.connect(kind.opening(host, url))));
        // A connection that is not even accepted holds nothing.
        const times = opened.map(async (one) => (one.status === "fulfilled" ? held(one.value, kind) : 0));
        return { kind, times: await Promise.all(times) };
      }),
    ),
  );
  for (const { kind, times } of outcomes) {
    const { name, withinSeconds = CLOSED_WITHIN_S } = kind;
    const holding = times.filter((time) => time === null).length;
    const longest = Math.max(...times.map((time) => time ?? 0));
    console.log(`  ${name}: ${holding ? `${holding} of ${CLIENTS} still open` : `all closed within ${longest.toFixed(1)} s`}, ${withinSeconds} are stated`);
    expect.soft(holding, `${name}: of ${CLIENTS} still open ${LATE_S + WATCHED_S} s after the stated ${withinSeconds}`).toBe(0);
    expect.soft(longest, `${name}: seconds until the last was closed`).toBeLessThan(withinSeconds + LATE_S);
  }
});

test("slow: a thousand idle connections slow nobody and are let go", async ({ target }) => {
  const { url } = target.world;
  const { host } = new URL(url);
  const CROWD = 1_000;
  const times = await beside(url, async () => {
    const kind = { name: "kept alive, idle", opening: whole };
    const waits: Promise<number | null>[] = [];
    for (let batch = 0; batch < CROWD / 50; batch += 1) {
      const source = new Source(target.servers);
      const opened = await Promise.allSettled(Array.from({ length: 50 }, () => source.connect(whole(host))));
      for (const one of opened) waits.push(one.status === "fulfilled" ? held(one.value, kind) : Promise.resolve(0));
    }
    return Promise.all(waits);
  });
  expect(times.filter((time) => time === null).length, `connections of ${CROWD} still open`).toBe(0);
});
