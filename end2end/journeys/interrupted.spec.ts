// Rows 38 and 39 of the fault matrix: impatient users, several tabs, an interrupted network and a broken stream.

import type { Page } from "@playwright/test";

import { escrowOf, expectBalancedBooks, expectSettled } from "../harness/books.ts";
import { Buyer } from "../harness/buyer.ts";
import { expect, test } from "../harness/test.ts";
import type { World } from "../harness/world.ts";

/** How long a user looks for a button that another tab may have taken away, in milliseconds. */
const ONCE = 5_000;

const SENTENCE = "Host a static site for 3 hours";

async function ready(page: Page): Promise<Buyer> {
  const buyer = new Buyer(page);
  await buyer.arrive();
  await buyer.describe(SENTENCE);
  await buyer.untilQuoted();
  await buyer.connect();
  await buyer.signIn();
  await buyer.takeTestMoney();
  return buyer;
}

/** A deployment that runs and writes to its log. */
async function running(page: Page): Promise<Buyer> {
  const buyer = await ready(page);
  await buyer.deposit("necto");
  await buyer.untilPaid();
  await buyer.untilPhase("Active");
  await expect(page.locator(".log-line").first()).toBeVisible({ timeout: 60_000 });
  return buyer;
}

/** The order that a page shows. */
function orderOf(page: Page): string {
  return new URL(page.url()).pathname.split("/").pop() as string;
}

/** The log as it is stored, read as its download is. */
async function storedLog(page: Page): Promise<{ text: string }[]> {
  return page.evaluate(async (order) => {
    const answer = await fetch("/api/read_logs", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ order, after: 0 }),
    });
    if (!answer.ok) throw new Error(`read_logs: ${answer.status}`);
    return (await answer.json()) as { text: string }[];
  }, orderOf(page));
}

/** Checks that the page shows the log as it is stored: nothing missing and nothing twice. */
async function expectWholeLog(page: Page): Promise<void> {
  const stored = async () => (await storedLog(page)).map(({ text }) => text.trim());
  const shown = async () => (await page.locator(".log-text").allInnerTexts()).map((text) => text.trim());
  await expect.poll(async () => JSON.stringify(await shown()) === JSON.stringify(await stored())).toBe(true);
}

/** Puts a page in the background, or back in front: the browser of the tests shows all of them. */
async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
}

/** How often an event happened to the order that a page shows. */
async function happened(world: World, page: Page, event: string): Promise<number> {
  return (await world.database.events(orderOf(page))).filter((name) => name === event).length;
}

test("row 38: double clicks, a second tab, back and forward: one order, paid once and closed once", async ({ page, wallet, world }) => {
  const buyer = await ready(page);
  const draft = page.url();
  const other = new Buyer(await page.context().newPage());
  await other.page.goto(draft);
  await other.untilListening();
  await other.untilQuoted();

  await buyer.prepareDeposit("buyer");
  await buyer.at("sign-deposit").dblclick();
  await buyer.untilPaid();
  await expect(other.page).toHaveURL(page.url(), { timeout: 60_000 });
  expect(wallet.requests.filter(({ method }) => method === "eth_signTypedData_v4"), "asked to sign once").toHaveLength(1);

  await buyer.untilPhase("Bidding");
  await page.goBack();
  await page.goForward();
  await buyer.untilListening();
  await buyer.untilPhase("Bidding");
  await other.untilPhase("Bidding");
  for (const hand of [buyer, other]) {
    await expect(hand.at("accept-bid").first()).toBeVisible({ timeout: 60_000 });
  }
  // The second one may find the button already gone.
  const accepted = await Promise.allSettled([buyer.acceptBestBid(ONCE), other.acceptBestBid(ONCE)]);
  expect(accepted.map(({ status }) => status), "somebody accepted it").toContain("fulfilled");
  await buyer.untilPhase("Active");
  await other.untilPhase("Active");
  expect(await world.market.liveDeployments()).toHaveLength(1);

  await other.at("close").click();
  await buyer.at("close").click();
  const pressed = await Promise.allSettled([
    buyer.at("confirm-close").dblclick({ timeout: ONCE }),
    other.at("confirm-close").click({ timeout: ONCE }),
  ]);
  expect(pressed.map(({ status }) => status), "somebody closed it").toContain("fulfilled");
  await buyer.untilSettled();
  await other.untilSettled();
  for (const event of ["deposit_confirmed", "bid_accepted", "close_requested", "closed", "settlement_confirmed"]) {
    expect(await happened(world, page, event), event).toBe(1);
  }
  expectSettled(await escrowOf(world, wallet.address));
  await expectBalancedBooks(world);
  expect(await world.market.liveDeployments()).toEqual([]);
});

test("row 38: the network goes in the middle of a question: what was typed is kept, and it is asked again", async ({ page, world }) => {
  const buyer = new Buyer(page);
  await buyer.arrive();
  await page.route("**/api/describe", (route) => route.abort("internetdisconnected"));
  await buyer.describe(SENTENCE);
  await expect(page.getByRole("alert").first()).toBeVisible();
  await expect(buyer.at("sentence")).toHaveValue(SENTENCE);
  await page.unroute("**/api/describe");
  await buyer.at("send").click();
  await buyer.untilQuoted();
  const order = new URL(page.url()).searchParams.get("order");
  const drafts = await world.database.rows(`SELECT id FROM orders WHERE visitor = (SELECT visitor FROM orders WHERE id = '${order}')`);
  expect(drafts, "one order").toHaveLength(1);
});

test("row 38: the answer to the signed deposit is lost on its way: it is paid once and goes on", async ({ page, wallet, world }) => {
  const buyer = await ready(page);
  await buyer.prepareDeposit("necto");
  let arrived = 0;
  await page.route("**/api/relay_deposit", async (route) => {
    await route.fetch();
    arrived += 1;
    await route.abort("connectionreset");
  });
  await buyer.at("sign-deposit").click();
  await buyer.untilPaid();
  expect(arrived).toBe(1);
  await buyer.untilPhase("Active");
  expect(await happened(world, page, "deposit_confirmed")).toBe(1);
  await buyer.close();
  await buyer.untilSettled();
  expectSettled(await escrowOf(world, wallet.address));
});

test("row 39: the server ends under an open page and comes back: told, and then nothing missing and nothing twice", async ({ page, world }) => {
  const buyer = await running(page);

  await world.killServer();
  const told = page.getByText("The connection to Necto is lost.");
  await expect(told).toBeVisible({ timeout: 30_000 });
  await world.restartServer();
  await expect(told).toHaveCount(0, { timeout: 60_000 });

  await buyer.close();
  await buyer.untilSettled();
  await expectWholeLog(page);
  const events = await world.database.events(orderOf(page));
  await expect(buyer.at("timeline").locator(".entry")).toHaveCount(events.length);
});

test("row 39: a proxy answers for the server, and a hidden page: followed again as soon as it can be", async ({ page, world }) => {
  const buyer = await running(page);

  // A browser gives up for good if something other than the stream answers.
  const following = "**/api/orders/*/{events,logs}*";
  let refused = 0;
  await page.route(following, async (route) => {
    refused += 1;
    await route.fulfill({ status: 502, body: "Bad gateway" });
  });
  await world.restartServer();
  const told = page.getByText("The connection to Necto is lost.");
  await expect(told).toBeVisible({ timeout: 30_000 });
  await expect.poll(() => refused, { timeout: 30_000 }).toBeGreaterThan(2);
  await page.unroute(following);
  await expect(told).toHaveCount(0, { timeout: 60_000 });

  // A browser opens six connections to a host over HTTP/1.1: tabs in the background must not keep theirs.
  for (let tab = 0; tab < 3; tab += 1) {
    const other = new Buyer(await page.context().newPage());
    await other.page.goto(page.url());
    await other.untilPhase("Active");
    await setHidden(other.page, true);
  }
  await setHidden(page, true);
  let asked = "";
  page.on("request", (request) => {
    if (request.url().includes("/logs?")) asked = new URL(request.url()).search;
  });
  await buyer.close();
  await expect.poll(() => happened(world, page, "settlement_confirmed"), { timeout: 60_000 }).toBe(1);
  await expect(buyer.at("receipt"), "nobody looks at it").toHaveCount(0);
  await setHidden(page, false);
  await buyer.untilSettled();
  expect(asked, "what the page has is not sent again").not.toBe("?after=0");
  await expectWholeLog(page);
});
