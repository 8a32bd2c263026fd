// Row 40: the log of what runs, whatever becomes of those who write it and of what they wrote.

import { setTimeout as pause } from "node:timers/promises";

import { WEB_PAGE, type Headless } from "../harness/headless.ts";
import type { World } from "../harness/world.ts";
import { expectAllIsWell } from "./invariants.ts";
import { close, liveOn, type Plot } from "./life.ts";
import { expect, test } from "./world.ts";

/** A program that counts aloud, once every five seconds of the world's time. */
const COUNTS = WEB_PAGE.replace("nginx:1.27.3", "busybox:1.37.0");
/** So many of its lines are waited for at each stage. */
const STAGE = 4;
/** Seconds in which that many lines are written. */
const STAGE_SECONDS = 5 * STAGE;
/** A dead worker's claims hold for 30 s: then somebody else follows the log. */
const CLAIMS_RUN_OUT = 31;

interface LogLine {
  seq: number;
  service: string;
  text: string;
}

/** The whole stored log, as its buyer downloads it. */
async function wholeLog(buyer: Headless, order: string): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for (;;) {
    const next = await buyer.api.call<LogLine[]>("read_logs", { order, after: lines.at(-1)?.seq ?? 0 });
    if (next.length === 0) return lines;
    lines.push(...next);
  }
}

/** The numbers that the program has counted, as stored. */
function counted(lines: LogLine[]): number[] {
  return lines.flatMap(({ text }) => /^working, (\d+) done$/.exec(text)?.[1] ?? []).map(Number);
}

/** Lets the program go on until so many more of its lines are stored. */
async function countOn(world: World, buyer: Headless, order: string): Promise<void> {
  const before = counted(await wholeLog(buyer, order)).length;
  await expect
    .poll(
      async () => {
        await world.advance(STAGE_SECONDS);
        return counted(await wholeLog(buyer, order)).length;
      },
      { timeout: 60_000, intervals: [500] },
    )
    .toBeGreaterThanOrEqual(before + STAGE);
}

/** None is lost and none is there twice. */
function expectInOrder(numbers: number[]): void {
  expect(numbers).toEqual(numbers.map((_, index) => index));
  expect(numbers.length).toBeGreaterThan(STAGE);
}

const COUNTING: Plot = { runs: true, sdl: COUNTS, seconds: 6 * 3_600 };

test("row 40: the server is killed again and again while lines come: none is lost and none is there twice", async ({ world }) => {
  const life = await liveOn(world, {
    ...COUNTING,
    whenActive: async (_, buyer, order) => {
      await countOn(world, buyer, order);
      for (let death = 0; death < 4; death++) {
        await world.advance(STAGE_SECONDS);
        // Each time at another moment of reading, collecting and writing.
        await pause(death * 150);
        await world.killServer();
        await world.restartServer();
        await world.advance(CLAIMS_RUN_OUT);
        await countOn(world, buyer, order);
      }
      expectInOrder(counted(await wholeLog(buyer, order)));
      await close(world, buyer, order);
    },
  });
  expectInOrder(counted(await wholeLog(life.buyer, life.order)));
  await expectAllIsWell(world, life, true);
});

test("row 40: what is stored of a log is damaged: the buyer is told which lines, and the log goes on", async ({ world }) => {
  const life = await liveOn(world, {
    ...COUNTING,
    whenActive: async (_, buyer, order) => {
      await countOn(world, buyer, order);
      const whole = await wholeLog(buyer, order);
      const nothing = world.database.engine === "sqlite" ? "X'00'" : "'\\x00'";
      await world.database.change(`UPDATE log_chunks SET body = ${nothing} WHERE order_id = '${order}'`);
      await countOn(world, buyer, order);
      await countOn(world, buyer, order);
      const damaged = await wholeLog(buyer, order);
      const told = damaged.filter(({ service }) => service === "necto");
      expect(told.length).toBeGreaterThan(0);
      for (const { text } of told) expect(text).toMatch(/^Lines \d+ to \d+ of this log are damaged and cannot be shown\.$/);
      const numbers = counted(damaged);
      const first = numbers[0] ?? 0;
      expect(first, "what was damaged is not invented").toBeGreaterThanOrEqual(counted(whole).length);
      expect(numbers).toEqual(numbers.map((_, index) => first + index));
      await close(world, buyer, order);
    },
  });
  await expectAllIsWell(world, life, true);
});
