// Times the parts of the journey, once, on an idle machine. The figures go to the file that NECTO_FIGURES names.

import { writeFile } from "node:fs/promises";

import { Buyer } from "../harness/buyer.ts";
import { expect, test } from "../harness/test.ts";

/** Page loads for the median. */
const LOADS = 9;

interface Figure {
  part: string;
  milliseconds: number;
}

test("the parts of the journey", async ({ page, world }) => {
  const file = process.env["NECTO_FIGURES"];
  if (!file) throw new Error("NECTO_FIGURES names no file: run `cargo xtask bench`");
  const figures: Figure[] = [];
  const time = async (part: string, run: () => Promise<void>) => {
    const started = performance.now();
    await run();
    figures.push({ part, milliseconds: Math.round(performance.now() - started) });
  };

  const buyer = new Buyer(page);
  figures.push({ part: "HTML of `/`, median of 9", milliseconds: await medianOfLoads(world.url) });
  await time("first visit until it listens", () => buyer.arrive());
  await time("second visit until it listens", () => buyer.reload());
  await time("sentence to quote", async () => {
    await buyer.describe("Run a Node.js web service with 1 CPU and 1 GB of memory for 2 hours");
    await buyer.untilQuoted();
  });
  await time("connect and sign in", async () => {
    await buyer.connect();
    await buyer.signIn();
    await expect(buyer.at("get-test-usdc")).toBeVisible();
  });
  await time("test USDC (gas and faucet, one-second blocks)", () => buyer.takeTestMoney());
  await time("approve and deposit until bidding (two confirmations)", async () => {
    await buyer.deposit("buyer");
    await buyer.untilPaid();
    await buyer.untilPhase("Bidding");
  });
  await time("first bid", () => expect(buyer.at("accept-bid").first()).toBeVisible({ timeout: 60_000 }));
  await time("bid taken until running", async () => {
    await buyer.acceptBestBid();
    await buyer.untilPhase("Active");
    await buyer.addresses();
  });
  await time("first log line", () => expect(buyer.at("logs")).toContainText(/\S{3,}/, { timeout: 60_000 }));
  await time("close until settled", async () => {
    await buyer.close();
    await buyer.untilSettled();
  });
  await writeFile(file, JSON.stringify(figures, null, 2));
});

async function medianOfLoads(url: string): Promise<number> {
  const times: number[] = [];
  for (let load = 0; load < LOADS; load += 1) {
    const started = performance.now();
    const response = await fetch(url);
    await response.text();
    expect(response.ok).toBe(true);
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  return Math.round(times[(LOADS - 1) / 2] as number);
}
