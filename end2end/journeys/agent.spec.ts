// A model reads what a buyer writes: its thinking is shown, survives a reload, and what it assumed can be kept.

import { Buyer } from "../harness/buyer.ts";
import { expect, test as base } from "../harness/test.ts";
import { World } from "../harness/world.ts";

const test = base.extend<object, { world: World }>({
  world: [
    async ({}, use) => {
      const world = await World.start({ model: "interactions" });
      await use(world);
      await world.stop();
    },
    { scope: "worker", timeout: 120_000 },
  ],
});

test("the model's thinking survives a reload, and its assumptions can be kept", async ({ page, world }) => {
  const buyer = new Buyer(page);
  await buyer.arrive();
  const slow = await fetch(`${world.market.url}/__sim/model`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ first_token_ms: 1200 }),
  });
  expect(slow.ok).toBe(true);
  await buyer.at("sentence").fill("a redis cache for 3 hours, at most $0.50 per hour");
  await buyer.at("send").click();
  await expect(buyer.at("steps")).toContainText("Reading your words with the model gemini-3.8-flash (simulated).");
  await expect(buyer.at("steps")).toContainText("Looking for what should run");
  await page.reload();
  await expect(buyer.at("steps")).toContainText("Reading your words with the model");
  await expect(buyer.at("steps")).toContainText("Chose sizes for what you left open");
  await buyer.untilQuoted();
  const memory = page.locator(".chips li").filter({ hasText: "Memory" });
  await expect(memory).toContainText("assumed: small, but with room for a burst");
  await buyer.at("keep-memory").click();
  await expect(memory).not.toContainText("assumed");
  await expect(memory).toContainText("2 GiB");
  await buyer.at("take-alternative").click();
  await expect(memory).toContainText("1 GiB");
});
