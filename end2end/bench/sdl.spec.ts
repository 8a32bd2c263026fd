// The full check of an SDL in the browser, compared with js-yaml only parsing it: same page, same run.

import { createServer, type Server } from "node:http";
import { readFileSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { expect, test } from "@playwright/test";

import { brotliOfFunctions } from "./code-size.ts";
import { sdl } from "./documents.ts";

/** Small documents are read several times in one measurement: the page's clock ticks every 5 µs. */
const SIZES = [
  { services: 1, lines: 51, rounds: 300, atOnce: 20 },
  { services: 10, lines: 384, rounds: 300, atOnce: 1 },
  { services: 100, lines: 3_714, rounds: 60, atOnce: 1 },
];

/** Hostile input. */
const HOSTILE: Record<string, string> = {
  "200,000 keys": Array.from({ length: 200_000 }, (_, at) => `k${at}: v`).join("\n"),
  "as many keys as are read": "k: v\n".repeat(50_000),
  "a list in one line": `a: [${"b,".repeat(120_000)}]`,
  "aliases of aliases": Array.from({ length: 60 }, (_, at) =>
    at === 0 ? "a0: &a0 [x]" : `a${at}: &a${at} [${Array(9).fill(`*a${at - 1}`).join(", ")}]`,
  ).join("\n"),
  "nested without end": "[".repeat(200_000),
  "nested mappings": "{a: ".repeat(60_000),
  "four megabytes": "x".repeat(4_000_000),
  "no text": "\0\x01\x02PNG".repeat(40_000),
  "an open quote": `a: "${"b".repeat(250_000)}`,
};

/** What both sides are asked to return for a document, in the same form. */
interface Read {
  name: string;
  image: string;
  env: string[];
  port: number;
  placement: string;
  count: number;
  price: string;
}

interface Figures {
  lines: number;
  bytes: number;
  ours: number[];
  theirs: number[];
  findings: number;
  capMicros: number;
}

const folder = process.env["NECTO_SDL_BENCH"] ?? "";

/** What the page may request: the type and the location. */
const FILES: Record<string, [type: string, path: string]> = {
  "/sdl_bench.js": ["text/javascript", join(folder, "sdl_bench.js")],
  "/sdl_bench_bg.wasm": ["application/wasm", join(folder, "sdl_bench_bg.wasm")],
  "/js-yaml.mjs": ["text/javascript", join(import.meta.dirname, "../node_modules/js-yaml/dist/js-yaml.mjs")],
};

let server: Server;

test.beforeAll(async () => {
  server = createServer((request, response) => {
    const [type, path] = FILES[request.url ?? ""] ?? ["text/html", null];
    response.setHeader("content-type", type);
    // A cross-origin-isolated page gets a clock of microseconds instead of tenths of milliseconds.
    response.setHeader("cross-origin-opener-policy", "same-origin");
    response.setHeader("cross-origin-embedder-policy", "require-corp");
    response.end(path === null ? "<!doctype html><title>SDL</title>" : readFileSync(path));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

test.afterAll(() => {
  server.close();
});

test("a full check is cheaper than half of parsing alone", async ({ page }) => {
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const sizes: Figures[] = [];
  for (const { services, lines, rounds, atOnce } of SIZES) {
    const text = sdl(services, lines);
    expect(text.split("\n")).toHaveLength(lines);
    const measured = await page.evaluate(measure, { text, rounds, atOnce });
    expect(measured.read, "both sides read the same").toEqual(measured.theirRead);
    expect(measured.read).toHaveLength(services);
    const { findings, capMicros, ours, theirs } = measured;
    sizes.push({ lines, bytes: text.length, findings, capMicros, ours, theirs });
  }
  const hostile = await page.evaluate(refuse, HOSTILE);
  const module = readFileSync(join(folder, "sdl_bench_bg.wasm"));
  const parser_bytes = brotliOfFunctions(module, (name) => /saphyr_parser|sdl(::|\d+)yaml/.test(name));
  writeFileSync(process.env["NECTO_FIGURES"] ?? "sdl-figures.json", JSON.stringify({ parser_bytes, sizes, hostile }));
});

/** Runs in the page: both sides in turn, so that other load on the machine affects both equally. */
async function measure({
  text,
  rounds,
  atOnce,
}: {
  text: string;
  rounds: number;
  atOnce: number;
}): Promise<{
  read: Read[];
  theirRead: Read[];
  findings: number;
  capMicros: number;
  ours: number[];
  theirs: number[];
}> {
  // Their addresses are the page's: the compiler could not follow them.
  const [oursAt, theirsAt] = ["/sdl_bench.js", "/js-yaml.mjs"];
  const ours = await import(oursAt as string);
  const yaml = await import(theirsAt as string);
  await ours.default("/sdl_bench_bg.wasm");

  const read: Read[] = JSON.parse(ours.read(text)).services.map((it: Record<string, any>) => ({
    name: it["name"],
    image: it["image"],
    env: it["env"].map(([name, value]: [string, string]) => `${name}=${value}`),
    port: it["ports"][0].port,
    placement: it["placement"],
    count: it["count"],
    price: it["price"],
  }));
  const document = yaml.load(text);
  const theirRead: Read[] = Object.entries<any>(document.deployment).map(([name, placed]) => {
    const [placement, { profile, count }] = Object.entries<any>(placed)[0]!;
    const { image, env, expose } = document.services[name];
    const { amount } = document.profiles.placement[placement].pricing[profile];
    return { name, image, env, port: expose[0].port, placement, count, price: String(amount) };
  });
  const byName = (a: Read, b: Read): number => (a.name < b.name ? -1 : 1);

  // The text is passed as the page does it, and that counts.
  const sides = [() => ours.check(text), () => yaml.load(text)];
  const times: [number[], number[]] = [[], []];
  for (let round = -rounds / 4; round < rounds; round += 1) {
    sides.forEach((side, at) => {
      const start = performance.now();
      for (let time = 0; time < atOnce; time += 1) {
        side();
      }
      const took = (performance.now() - start) / atOnce;
      if (round >= 0) {
        times[at]!.push(took);
      }
    });
  }
  const result: bigint = ours.check(text);
  return {
    read: read.sort(byName),
    theirRead: theirRead.sort(byName),
    findings: Number(result >> 48n),
    capMicros: Number(result & ((1n << 48n) - 1n)),
    ours: times[0],
    theirs: times[1],
  };
}

/** Runs in the page: how long each takes until it is refused, and with how many findings. */
async function refuse(inputs: Record<string, string>): Promise<{ input: string; findings: number; ms: number }[]> {
  const oursAt = "/sdl_bench.js";
  const ours = await import(oursAt as string);
  return Object.entries(inputs).map(([input, text]) => {
    const times = Array.from({ length: 9 }, () => {
      const start = performance.now();
      ours.check(text);
      return performance.now() - start;
    });
    times.sort((a, b) => a - b);
    return { input, findings: Number(ours.check(text) >> 48n), ms: times[4]! };
  });
}
