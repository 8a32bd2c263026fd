// A page that something else has changed before its script runs still works; one whose script stops says so.

import type { Page } from "@playwright/test";

import { CHANGES, MOMENTS, changeAt, type Change } from "../harness/changed-page.ts";
import { Buyer } from "../harness/buyer.ts";
import { expect, test } from "../harness/test.ts";

const SENTENCE = "Host a static site for 3 hours";

/** Every route that needs no deployment; an order's page is added by the journeys. */
const ROUTES = [
  "/",
  "/market",
  "/market?gpu=h100",
  "/templates",
  "/templates/postgres",
  "/deploy?template=no-such-template",
  "/auto-sign",
  "/deployments",
  "/no-such-page",
] as const;

/** Has an order created, and returns its address. */
async function order(page: Page): Promise<string> {
  const buyer = new Buyer(page);
  await buyer.arrive();
  await buyer.describe(SENTENCE);
  await buyer.untilQuoted();
  const { pathname, search } = new URL(page.url());
  return `${pathname}${search}`;
}

/** Waits until the page has woken up, and returns how it did. */
async function woken(page: Page): Promise<string | undefined> {
  await page.waitForFunction(() => document.getElementById("app")?.dataset["woken"] !== undefined);
  return page.evaluate(() => document.getElementById("app")?.dataset["woken"]);
}

/** Follows a link of the page, without loading a document. */
async function expectAlive(page: Page): Promise<void> {
  await page.evaluate(() => Object.assign(window, { sameDocument: true }));
  const name = new URL(page.url()).pathname === "/templates" ? "Market" : "Templates";
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name }).click();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page).toHaveURL(new RegExp(name.toLowerCase()));
  expect(await page.evaluate(() => "sameDocument" in window), "the page went there by itself").toBe(true);
}

test("a page that nobody changed is hydrated as it is", async ({ page, pageErrors }) => {
  pageErrors.allowAnswer(404);
  for (const route of [...ROUTES, await order(page)]) {
    await page.goto(route);
    expect(await woken(page), route).toBe("hydrated");
  }
});

for (const [number, change] of (Object.keys(CHANGES) as Change[]).entries()) {
  // Every change at a different moment, and the first three at each of them.
  const moments = number < 3 ? MOMENTS : [MOMENTS[number % MOMENTS.length] ?? MOMENTS[0]];
  for (const moment of moments) {
    test(`${change}, ${moment}: every page works`, async ({ page, pageErrors }) => {
      pageErrors.allowAnswer(404);
      const routes = [...ROUTES, await order(page)];
      await changeAt(page, moment, change);
      for (const route of routes) {
        await page.goto(route);
        await woken(page);
        await expectAlive(page);
      }
      await page.goto("/");
      const buyer = new Buyer(page);
      await buyer.untilListening();
      await buyer.describe(SENTENCE);
      await buyer.untilQuoted();
      await buyer.connect();
      await expect(buyer.at("sign-in")).toBeVisible();
    });
  }
}

test("what was typed before the page woke up stays, changed or not", async ({ page }) => {
  for (const changed of [false, true]) {
    if (changed) await changeAt(page, "before it wakes up", "a node beside each field");
    let wake = () => {};
    const held = new Promise<void>((resolve) => (wake = resolve));
    await page.route(/\.wasm$/, async (route) => {
      await held;
      await route.continue();
    });
    await page.goto("/", { waitUntil: "commit" });
    await page.getByTestId("sentence").fill(SENTENCE);
    wake();
    expect(await woken(page)).toBe(changed ? "anew" : "hydrated");
    await expect(page.getByTestId("sentence")).toHaveValue(SENTENCE);
    await expect(page.getByTestId("sentence")).toBeFocused();
    await page.getByTestId("send").click();
    await expect(page.getByTestId("quote")).toBeVisible();
    await page.unroute(/\.wasm$/);
  }
});

test("a page that cannot be hydrated is loaded once more and drawn anew", async ({ page, pageErrors }) => {
  pageErrors.allow(/hydration error|Unrecoverable|unreachable/);
  // Between the check of the page's structure and the walk over its nodes nothing can change it: its nodes are then
  // hidden.
  await page.addInitScript(() => {
    if (sessionStorage.getItem("broken") === "1") return;
    const read = Element.prototype.getAttribute;
    Element.prototype.getAttribute = function (name) {
      if (name === "data-shape") {
        sessionStorage.setItem("broken", "1");
        Object.defineProperty(Node.prototype, "nextSibling", { get: () => null });
      }
      return read.call(this, name);
    };
  });
  await page.goto("/market");
  await expect(page.locator("#app")).toHaveAttribute("data-woken", "anew");
  expect(pageErrors.matching(/^unreachable$/), "one panic").toHaveLength(1);
  await expectAlive(page);
});

/** From now on the page can make no element, neither a new one nor a copy of one. */
async function stopScript(page: Page): Promise<void> {
  await page.evaluate(() => {
    const stop = () => {
      throw new Error("stopped by the journey");
    };
    document.createElement = stop;
    Node.prototype.cloneNode = stop;
  });
}

test("a page whose script stops says so, and its links and forms are plain", async ({ page, pageErrors }) => {
  pageErrors.allow(/stopped by the journey|unreachable|panicked/);
  const buyer = new Buyer(page);
  await buyer.arrive();
  await woken(page);
  await stopScript(page);
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Templates" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "This page stopped." })).toBeVisible();
  await page.goto("/");
  await buyer.untilListening();
  await woken(page);
  await stopScript(page);
  await buyer.at("sentence").fill(SENTENCE);
  await buyer.at("send").click();
  await expect(page.getByRole("alert").filter({ hasText: "This page stopped." })).toBeVisible();
  await buyer.at("sentence").fill(SENTENCE);
  await buyer.at("send").click();
  await expect(buyer.at("quote")).toBeVisible();
});
