// Every page for readers elsewhere: in other time zones and languages, with and without scripts, on every path from
// page to page. An error reported by any page fails the journey automatically.

import type { BrowserContext, Page } from "@playwright/test";

import { Buyer } from "../harness/buyer.ts";
import { PageErrors } from "../harness/page-errors.ts";
import { expect, test } from "../harness/test.ts";

/** What a page offers without scripts, and not with them. */
const WITHOUT_SCRIPTS = { "/market": "Filter", "/templates": "Find" } as const;

/** Every route; the pages of an order are added by the journeys. */
const ROUTES = [
  "/",
  "/market",
  "/templates",
  "/templates/postgres",
  "/deploy?template=postgres",
  "/auto-sign",
  "/sessions",
  "/deployments",
] as const;

async function woken(page: Page): Promise<void> {
  await expect(page.locator("#app"), page.url()).toHaveAttribute("data-woken", "hydrated");
}

test("what is for browsers without scripts is there without them, and nowhere else", async ({ page, browser, world }) => {
  const plain = await browser.newContext({ javaScriptEnabled: false, baseURL: world.url });
  const read = await plain.newPage();
  for (const route of ROUTES) {
    await page.goto(route);
    await woken(page);
  }
  for (const [route, name] of Object.entries(WITHOUT_SCRIPTS)) {
    await page.goto(route);
    await woken(page);
    await expect(page.getByRole("button", { name, exact: true }), `${route} with scripts`).toHaveCount(0);
    await read.goto(route);
    await expect(read.getByRole("button", { name, exact: true }), `${route} without`).toBeVisible();
  }
  await plain.close();
});

const READERS = [
  { timezoneId: "Pacific/Kiritimati", locale: "tr-TR" },
  { timezoneId: "America/Adak", locale: "ar-EG" },
] as const;

/** An instant as a reader's own clock shows it: day, month, year and time, without any library's wording. */
function onTheClockOf(page: Page, instant: string): Promise<string> {
  return page.evaluate((instant) => {
    const at = new Date(instant);
    const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    const two = (part: number) => String(part).padStart(2, "0");
    const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":");
    return `${at.getDate()} ${months[at.getMonth()]} ${at.getFullYear()}, ${time} UTC`;
  }, instant);
}

test("dates are of the reader's own day, and amounts the same for everybody", async ({ page, context, browser, world }) => {
  test.slow();
  const buyer = new Buyer(page);
  await buyer.arrive();
  await buyer.describe("Host a static site for 3 hours");
  await buyer.untilQuoted();
  await buyer.pay("necto");
  await buyer.untilPhase("Active");
  await buyer.close();
  await buyer.untilSettled();
  const receipt = new URL(page.url()).pathname;
  const amounts = (of: Page) =>
    of.locator("[data-micros]").evaluateAll((all) => all.map((one) => [one.getAttribute("data-micros"), one.textContent]));
  const known = await amounts(page);
  expect(known.length).toBeGreaterThan(1);

  for (const reader of READERS) {
    const there: BrowserContext = await browser.newContext({
      ...reader,
      baseURL: world.url,
      storageState: await context.storageState(),
    });
    const errors = new PageErrors();
    errors.listen(there);
    const read = await there.newPage();
    for (const route of [...ROUTES, receipt]) {
      await read.goto(route);
      await woken(read);
    }
    expect(await amounts(read), reader.timezoneId).toEqual(known);
    const instants = read.locator("time.when[datetime]");
    expect(await instants.count()).toBeGreaterThan(2);
    for (const instant of await instants.all()) {
      const at = (await instant.getAttribute("datetime")) ?? "";
      const own = await onTheClockOf(read, at);
      const said = `${await instant.getAttribute("title")} ${await instant.textContent()}`;
      expect(said, `${at} in ${reader.timezoneId}`).toContain(own);
    }
    expect(errors.unexpected()).toEqual([]);
    await there.close();
  }
});

test("from each page to each other and loaded anew, every page wakes up and answers the first click", async ({ page }) => {
  test.slow();
  const buyer = new Buyer(page);
  await buyer.arrive();
  await buyer.describe("Host a static site for 3 hours");
  await buyer.untilQuoted();
  const { pathname, search } = new URL(page.url());
  const menu = page.getByRole("navigation", { name: "Main" });
  const ways = ["Request", "Market", "Templates", "Deployments"] as const;
  const froms = [`${pathname}${search}`, "/market", "/templates", "/templates/postgres", "/auto-sign", "/deployments"];
  for (const from of froms) {
    for (const way of ways) {
      await page.goto(from);
      await woken(page);
      await page.evaluate(() => Object.assign(window, { sameDocument: true }));
      await menu.getByRole("link", { name: way }).click();
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      expect(await page.evaluate(() => "sameDocument" in window), `${from} to ${way} loads a document`).toBe(true);
      await page.reload();
      await woken(page);
      // The first click after the reload: the wallet's part of the header opens.
      await buyer.at("account").click();
      await expect(buyer.at("account-popover"), `${from}, ${way}, reload`).toBeVisible();
    }
  }
});
