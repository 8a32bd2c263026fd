// The market: one table of all venues, its state in the address, and why a row stands where it does.

import { readFile } from "node:fs/promises";

import { expectAccessible } from "../harness/accessibility.ts";
import { expect, test } from "../harness/test.ts";

test("the market is filtered, ordered, explained and taken away, and the address holds it all", async ({ page }) => {
  await page.goto("/market?gpu=h100");
  const offers = page.getByTestId("offer");
  await expect(offers.first()).toContainText(/h100/i);
  await expect(page.getByTestId("recommendation")).toContainText("an hour");
  await expect(page.getByTestId("recommendation")).toContainText("per GPU-hour");
  await expect(page.getByRole("list", { name: "Venues" })).toContainText("io.net");

  await page.getByLabel("Without").selectOption("spot");
  await expect(page).toHaveURL(/without=spot/);
  await expect(page.getByRole("cell", { name: "spot", exact: true })).toHaveCount(0);
  await page.getByLabel("Search").fill("vast");
  await expect(page).toHaveURL(/q=vast/);
  await expect(offers.first()).toContainText("Vast.ai");
  await page.getByRole("button", { name: "$/GPU-h" }).click();
  await expect(page.getByRole("columnheader", { name: "$/GPU-h" })).toHaveAttribute("aria-sort", "descending");
  const shown = await offers.first().textContent();
  await page.reload();
  await expect(offers.first()).toContainText(shown?.slice(0, 12) ?? "");

  await page.getByRole("button", { name: /: why / }).first().click();
  const grounds = page.getByRole("dialog", { name: "Why this rank" });
  await expect(grounds).toContainText("the score decides the recommendation only");
  await expect(grounds).toContainText("not known, left out");
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(grounds).toBeHidden();

  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "CSV" }).click();
  const file = await readFile(await (await download).path(), "utf8");
  expect(file.split("\r\n")[0]).toContain("usd_per_gpu_hour");
  expect(file).toContain("vast-ai");
  expect(file).not.toContain("spot,");
});

test("only rows in view are drawn, prices come in while the place is kept, and what is held back is named", async ({ page }) => {
  await page.goto("/market?all=1");
  const offers = page.getByTestId("offer");
  await expect(page.getByTestId("market-summary")).toContainText(/^[3-9]\d\d offers/);
  const total = Number(await page.getByRole("table").first().getAttribute("aria-rowcount")) - 1;
  expect(total).toBeGreaterThan(300);
  await page.evaluate(() => window.scrollTo(0, 8000));
  await expect.poll(async () => Number(await offers.first().getAttribute("aria-rowindex"))).toBeGreaterThan(100);
  expect(await offers.count()).toBeLessThan(90);
  await page.getByText(/rows? held back/).click();
  await expect(page.getByTestId("quarantine")).toContainText("h100_pcie_cheap");
  await page.getByText("Token prices").click();
  await expect(page.getByText("quote leg verified").first()).toBeVisible();
  await expectAccessible(page);
});
