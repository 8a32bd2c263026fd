// What one client can make the server store and process: sessions, drafts, bytes, streams.

import type { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

import { WEB_PAGE } from "../harness/headless.ts";
import { beside } from "./beside.ts";
import { expect, test, type Target } from "./crowd.ts";
import { Source, freshAddress, many } from "./source.ts";

/** Drafts that one session tries to create. */
const DRAFTS = 200;
/** Length of each: just under the limit. */
const DRAFT_BYTES = 250 * 1024;
/** Streams that one address tries to open. */
const STREAMS = 600;
/** One visitor never needs more at once: one stream per tab. */
const STREAMS_FOR_ONE = 128;

async function rows(target: Target, table: string): Promise<number> {
  const [row] = await target.world.database.rows<{ n: number }>(`SELECT COUNT(*) AS n FROM ${table}`);
  return Number(row?.n ?? 0);
}

test.describe.configure({ timeout: 900_000 });

test("requests without a cookie leave no rows", async ({ target }) => {
  const before = await rows(target, "sessions");
  const paths = ["/", "/nothing/here", "/market", "/templates", "/deployments", "/deployments/00000000000070008000000000000000"];
  await beside(target.world.url, async () => {
    // As many addresses as a small botnet has: no single budget is exhausted.
    await many(1_000, 8, async (index) => {
      const source = new Source(target.servers, freshAddress());
      await source.get(paths[index % paths.length] ?? "/");
      source.leave();
    });
    const reads = ["session", "list_orders", "open_shelf"];
    await many(150, 8, async (index) => {
      const source = new Source(target.servers, freshAddress());
      await source.call(reads[index % reads.length] ?? "session", {});
      source.leave();
    });
  });
  // The visitor alongside counts as one, too, if it stores anything.
  expect((await rows(target, "sessions")) - before, "sessions that 1150 requests without a cookie left").toBeLessThanOrEqual(1);
});

test("200 large drafts of one anonymous session slow nobody else", async ({ target }) => {
  const source = new Source(target.servers);
  await source.get("/");
  const before = await rows(target, "orders");
  const filler = `# ${"x".repeat(98)}\n`;
  const text = WEB_PAGE + filler.repeat(Math.floor((DRAFT_BYTES - WEB_PAGE.length) / filler.length));
  const seen = await beside(target.world.url, async () => {
    const made = await many(DRAFTS, 8, () => source.call("describe", { ask: { kind: "sdl", text, duration: 3_600 } }));
    const drafts = (await rows(target, "orders")) - before;
    const refused = made.filter(({ status }) => status === 429).length;
    // A server at its limit says when to try again.
    const failed = made.filter(({ status, headers }) => status >= 500 && !(status === 503 && headers["retry-after"]));
    const other = failed.map(({ status, text }) => `${status} ${text.slice(0, 80)}`);
    // Then everything that lists them, by twelve clients at once.
    const began = performance.now();
    const times: number[] = [];
    await many(36, 12, async (index) => {
      const since = performance.now();
      await (index % 3 === 0 ? source.call("list_orders", {}) : source.get(index % 3 === 1 ? "/" : "/deployments"));
      times.push(performance.now() - since);
    });
    return { drafts, refused, other, slowest: Math.max(...times), seconds: (performance.now() - began) / 1_000 };
  });
  source.leave();
  console.log(`  ${seen.drafts} drafts were kept, ${seen.refused} refused; 36 lists took ${seen.seconds.toFixed(2)} s, the slowest ${seen.slowest.toFixed(0)} ms`);
  expect.soft(seen.other, "answers that say that the server failed").toEqual([]);
  expect.soft(seen.drafts, "drafts that one anonymous session could keep").toBeLessThan(DRAFTS);
  expect.soft(Math.round(seen.slowest), "ms that a list of one's own drafts took").toBeLessThan(1_000);
});

/** Opens streams from one address; returns how many receive events, and what else was answered. */
async function open(target: Target, source: Source, path: string): Promise<{ streams: number; refused: number }> {
  const { host } = new URL(target.world.url);
  const cookie = source.cookie ? `Cookie: ${source.cookie}\r\n` : "";
  const head = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAccept: text/event-stream\r\n${cookie}\r\n`;
  const sockets: Socket[] = [];
  let [streams, refused] = [0, 0];
  for (let batch = 0; batch < STREAMS / 50; batch += 1) {
    const opened = await Promise.allSettled(Array.from({ length: 50 }, () => source.connect(head)));
    for (const one of opened) {
      if (one.status === "rejected") refused += 1;
      else sockets.push(one.value.once("data", (data: Buffer) => (/^HTTP\/1\.1 200/.test(data.toString()) ? (streams += 1) : (refused += 1))));
    }
    await pause(200);
  }
  await pause(1_500);
  for (const socket of sockets) socket.destroy();
  return { streams, refused };
}

test("streams of the market beyond what anybody needs are refused", async ({ target }) => {
  const { streams, refused } = await beside(target.world.url, () => open(target, new Source(target.servers), "/api/market/events"));
  console.log(`  ${streams} streams were opened by one address, ${refused} refused`);
  expect(streams, "some are served").toBeGreaterThan(0);
  expect(streams, `streams of one address, of ${STREAMS}`).toBeLessThanOrEqual(STREAMS_FOR_ONE);
});

test("streams of one draft beyond what anybody needs are refused", async ({ target }) => {
  const source = new Source(target.servers);
  await source.get("/");
  const made = await source.call("describe", { ask: { kind: "sdl", text: WEB_PAGE, duration: 3_600 } });
  const id = /"id":"([0-9a-f]{32})"/.exec(made.text)?.[1];
  expect(id, made.text.slice(0, 200)).toBeTruthy();
  const { streams, refused } = await beside(target.world.url, () => open(target, source, `/api/orders/${id}/events`));
  console.log(`  ${streams} streams were opened by one session, ${refused} refused`);
  expect(streams, "some are served").toBeGreaterThan(0);
  expect(streams, `streams of one draft, of ${STREAMS}`).toBeLessThanOrEqual(STREAMS_FOR_ONE);
});

test("a flood of sign-ins is refused and keeps no more rows than it was given answers", async ({ target }) => {
  const FLOOD = 600;
  const before = await rows(target, "challenges");
  const source = new Source(target.servers);
  const answered = await beside(target.world.url, () =>
    many(FLOOD, 8, async (index) => (await source.call("challenge", { address: `0x${index.toString(16).padStart(40, "0")}` })).status),
  );
  source.leave();
  const given = answered.filter((status) => status === 200).length;
  expect.soft(given, "challenges given to one address in seconds").toBeLessThan(FLOOD);
  expect((await rows(target, "challenges")) - before).toBeLessThanOrEqual(given);
});
