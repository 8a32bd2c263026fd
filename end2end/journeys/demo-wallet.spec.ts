// The visitor without a wallet, on exactly what `cargo xtask run` starts.

import { expect, test, type Page } from "@playwright/test";

import { Buyer } from "../harness/buyer.ts";
import { LocalRun } from "../harness/local-run.ts";

/** The time that the README promises from the first sentence to the receipt. */
const PROMISED_MS = 5 * 60_000;

test("a visitor without a wallet goes all the way with the demo wallet", async ({ page, context }) => {
  test.setTimeout(PROMISED_MS + 120_000);
  const run = await LocalRun.start();
  try {
    const started = Date.now();
    // The demo wallet asks in a separate window; the visitor accepts everything.
    context.on("page", (window) => void confirm(window));
    const buyer = new Buyer(page);
    await page.goto(run.url);
    await expect(buyer.at("simulated").first()).toContainText(/simulated/i);

    await buyer.describe("Run a Node.js web service with 1 CPU and 1 GB of memory for 2 hours");
    await buyer.untilQuoted();
    await buyer.connect("Demo wallet (simulated)");
    await buyer.signIn();
    await buyer.takeTestMoney();
    await buyer.deposit("buyer");
    await buyer.untilPaid();
    await buyer.untilPhase("Bidding");
    await buyer.acceptBestBid();
    await buyer.untilPhase("Active");
    await expect(buyer.at("logs")).toContainText(/\S{3,}/);

    await test.step("a second run shows the deployment still live", async () => {
      await run.again();
      await page.reload();
      await buyer.untilPhase("Active");
    });

    await buyer.close();
    await buyer.untilSettled();
    await expect(buyer.at("refunded")).toContainText(/\d/);
    expect(Date.now() - started, "milliseconds").toBeLessThan(PROMISED_MS);
  } finally {
    await run.stop();
  }
});

async function confirm(window: Page): Promise<void> {
  const yes = window.getByRole("button", { name: /^(confirm|connect|sign|approve|yes)/i });
  // A link that opens a new tab has no such button, and needs none.
  if (await yes.waitFor({ timeout: 15_000 }).then(() => true, () => false)) await yes.click();
}
