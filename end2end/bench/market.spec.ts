// How smoothly ten thousand offers scroll. The figures go to the file that NECTO_FIGURES names.

import { writeFile } from "node:fs/promises";

import { expect, test } from "@playwright/test";

import { World } from "../harness/world.ts";

const ROWS = 10_000;
/** Turns of the wheel, each of a third of a screen, at the pace of a fast user. */
const TURNS = 120;
const ROUNDS = 5;
interface Figures {
  frames: number;
  median: number;
  p95: number;
  longest: number;
  dropped: number;
  busy: number;
}

test("ten thousand offers scroll", async ({ page }) => {
  const file = process.env["NECTO_FIGURES"];
  if (!file) throw new Error("NECTO_FIGURES names no file: run `cargo xtask bench --market`");
  const world = await World.start();
  try {
    // The simulated market many times over, each copy with an id of its own.
    await page.route("**/api/market", async (route) => {
      const response = await route.fetch();
      const board = (await response.json()) as { offers: { id: string }[]; whole: number };
      const own = board.offers;
      board.offers = Array.from({ length: ROWS }, (_, at) => {
        const offer = own[at % own.length] as { id: string };
        return { ...offer, id: `${offer.id}~${Math.floor(at / own.length)}` };
      });
      board.whole = ROWS;
      await route.fulfill({ response, json: board });
    });
    await page.goto(`${world.url}/market?all=1`);
    await expect(page.getByTestId("market-summary")).toContainText(`${ROWS} offers`, { timeout: 60_000 });
    await expect(page.getByRole("table").first()).toHaveAttribute("aria-rowcount", `${ROWS + 1}`);
    await page.mouse.move(700, 600);
    const rounds: Figures[] = [];
    for (let round = 0; round < ROUNDS; round += 1) rounds.push(await scrolled(page));
    const figures = rounds.flatMap((round, at) => [
      { part: `round ${at + 1}: ${round.frames} frames, median`, milliseconds: Math.round(round.median) },
      { part: `round ${at + 1}: p95`, milliseconds: Math.round(round.p95) },
      { part: `round ${at + 1}: longest`, milliseconds: Math.round(round.longest) },
      { part: `round ${at + 1}: work in a frame, p95`, milliseconds: Math.round(round.busy) },
      { part: `round ${at + 1}: frames missed of a thousand (no time)`, milliseconds: round.dropped },
    ]);
    await writeFile(file, JSON.stringify(figures));
    const drawn = await page.getByTestId("offer").count();
    expect(drawn, "rows in the document").toBeLessThan(100);
  } finally {
    await world.stop();
  }
});

/** Turns the wheel and measures the time between frames while it turns. */
async function scrolled(page: import("@playwright/test").Page): Promise<Figures> {
  await page.evaluate(() => {
    window.scrollTo(0, 0);
    const seen: { times: number[]; busy: number[]; on: boolean } = { times: [], busy: [], on: true };
    (window as unknown as { seen: typeof seen }).seen = seen;
    const frame = (at: number) => {
      seen.times.push(at);
      // From the frame's beginning to the end of its work: a task posted then is the next to run.
      const channel = new MessageChannel();
      channel.port1.onmessage = () => seen.busy.push(performance.now() - at);
      channel.port2.postMessage(null);
      if (seen.on) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  for (let turn = 0; turn < TURNS; turn += 1) {
    await page.mouse.wheel(0, 300);
    await page.waitForTimeout(16);
  }
  const { times, busy } = await page.evaluate(() => {
    const { seen } = window as unknown as { seen: { times: number[]; busy: number[]; on: boolean } };
    seen.on = false;
    return seen;
  });
  const gaps = times.slice(1).map((at, index) => at - (times[index] as number));
  const missed = gaps.reduce((sum, gap) => sum + Math.max(0, Math.round(gap / (1000 / 60)) - 1), 0);
  return {
    frames: gaps.length,
    median: share(gaps, 0.5),
    p95: share(gaps, 0.95),
    longest: share(gaps, 1),
    busy: share(busy, 0.95),
    dropped: Math.round((1000 * missed) / (gaps.length + missed)),
  };
}

/** The value below which this share of them lies. */
function share(values: number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] as number;
}
