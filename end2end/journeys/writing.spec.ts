// What is shown is what is signed and paid, and what was written or chosen is never lost.

import type { Page } from "@playwright/test";

import { expectAccessible } from "../harness/accessibility.ts";
import { Buyer } from "../harness/buyer.ts";
import { expect, test } from "../harness/test.ts";
import type { TestWallet } from "../harness/wallet.ts";
import type { World } from "../harness/world.ts";

const STATIC_SITE = "Host a static site for 3 hours";

/** A buyer with a price. */
async function quoted(page: Page): Promise<Buyer> {
  const buyer = new Buyer(page);
  await buyer.arrive();
  await buyer.describe(STATIC_SITE);
  await buyer.untilQuoted();
  await expect(buyer.at("compare")).toBeVisible();
  return buyer;
}

/** A buyer with a price, test USDC and a signed-in wallet: only the deposit is left. */
async function ready(page: Page, wallet: TestWallet, world: World): Promise<Buyer> {
  await world.chain.giveTokens(wallet.address);
  const buyer = await quoted(page);
  await buyer.connect();
  await buyer.signIn();
  await expect(buyer.at("prepare-deposit")).toBeVisible();
  return buyer;
}

/** The same order in another tab. */
async function otherTab(buyer: Buyer): Promise<Buyer> {
  const page = await buyer.page.context().newPage();
  await page.goto(buyer.page.url());
  const other = new Buyer(page);
  await other.untilListening();
  await expect(other.at("compare")).toBeVisible();
  return other;
}

test("an edit is priced before it is paid, and it is what runs", async ({ page, wallet, world }) => {
  const buyer = await ready(page, wallet, world);
  const image = buyer.at("draft-form").getByLabel("Image").first();
  await image.fill("httpd:2.4");
  await image.press("Enter");
  await expect(buyer.at("unpriced")).toContainText("You changed the draft. Update the price to deploy it.");
  await expect(buyer.at("prepare-deposit")).toHaveCount(0);
  await expectAccessible(page);
  await buyer.at("update-price").click();
  await buyer.untilPriceIsUpToDate();
  await buyer.prepareDeposit("necto");
  const terms = buyer.at("deposit-terms");
  await expect(terms).toContainText("httpd:2.4");
  const hash = await buyer.at("text-hash").locator("[data-hash]").getAttribute("data-hash");
  await expect(terms.locator(`[data-hash="${hash}"]`)).toBeVisible();
  await buyer.at("sign-deposit").click();
  await buyer.untilPaid();
  await buyer.untilPhase("Active");
  await page.locator("summary", { hasText: "SDL" }).first().click();
  await expect(page.getByRole("region", { name: "SDL" })).toContainText("image: httpd:2.4");
  await expect(buyer.at("text-hash").locator(`[data-hash="${hash}"]`)).toBeVisible();
  await buyer.close();
  await buyer.untilSettled();
});

test("a text that Akash refuses cannot be paid", async ({ page, wallet, world }) => {
  const buyer = await ready(page, wallet, world);
  const good = await buyer.sdl();
  await buyer.writeSdl(good.replace("services:", "servces:"));
  await expect(buyer.at("unpriced")).toContainText("Akash would refuse this draft");
  await expect(buyer.at("prepare-deposit")).toHaveCount(0);
  await expect(buyer.at("save-sdl")).toBeDisabled();
  await buyer.untilKept();
  // The server refuses it, whatever a page says.
  const order = new URL(page.url()).searchParams.get("order");
  const status = await page.evaluate(async (order) => {
    const body = JSON.stringify({ order, text: `0x${"00".repeat(32)}`, acceptance: "manual" });
    const headers = { "content-type": "application/json", accept: "application/json" };
    return (await fetch("/api/prepare_deposit", { method: "POST", headers, body })).status;
  }, order);
  expect(status).toBe(409);
  await buyer.at("back-to-priced").click();
  await expect(buyer.at("prepare-deposit")).toBeVisible();
  expect(await buyer.sdl()).toBe(good);
});

test("another tab's change makes prepared terms void, and says so", async ({ page, wallet, world }) => {
  const buyer = await ready(page, wallet, world);
  await buyer.prepareDeposit("necto");
  await expect(buyer.at("sign-deposit")).toBeVisible();
  const other = await otherTab(buyer);
  await other.writeSdl((await other.sdl()).replace("image: nginx", "image: library/nginx"));
  await other.untilKept();
  await expect(buyer.at("unpriced")).toBeVisible();
  await expect(buyer.at("sign-deposit")).toHaveCount(0);
  await other.storeSdl();
  await expect(buyer.at("voided")).toContainText("What was prepared is void");
  await expect.poll(() => buyer.sdl()).toContain("image: library/nginx");
  await buyer.at("prepare-deposit").click();
  await expect(buyer.at("deposit-terms")).toContainText("library/nginx");
});

test("text that is not stored is never replaced by another tab's without a word", async ({ page }) => {
  const buyer = await quoted(page);
  const other = await otherTab(buyer);
  const good = await buyer.sdl();
  await page.route("**/api/keep_draft", (route) => route.abort());
  await buyer.writeSdl(`${good}# mine\n`);
  await expect(buyer.at("draft-standing")).toContainText("this tab only");
  await other.writeSdl(`${good}# theirs\n`);
  await other.untilKept();
  await expect(buyer.at("keep-mine")).toBeVisible();
  expect(await buyer.sdl()).toBe(`${good}# mine\n`);
  await expectAccessible(page);
  await page.unroute("**/api/keep_draft");
  await buyer.reload();
  await expect(buyer.at("keep-mine")).toBeVisible();
  await expect.poll(() => buyer.sdl()).toBe(`${good}# mine\n`);
  await buyer.at("keep-mine").click();
  await buyer.untilKept();
  await expect.poll(() => other.sdl()).toBe(`${good}# mine\n`);
});

test("reload, the market and back lose nothing that was written", async ({ page }) => {
  const buyer = await quoted(page);
  const good = await buyer.sdl();
  await buyer.writeSdl(`${good}# at once\n`);
  await expect(buyer.at("draft-standing")).toContainText("You changed the draft");
  await buyer.reload();
  await expect.poll(() => buyer.sdl()).toBe(`${good}# at once\n`);
  await buyer.writeSdl(`${good}# and more\n`);
  await page.getByRole("link", { name: "Market", exact: true }).first().click();
  await expect(page).toHaveURL(/\/market/);
  await page.goBack();
  await expect.poll(() => buyer.sdl()).toBe(`${good}# and more\n`);
  await buyer.untilKept();
  // With the order, and not only in this tab.
  expect(await (await otherTab(buyer)).sdl()).toBe(`${good}# and more\n`);
});

test("a new question is a step forward, and Back leads to the earlier order", async ({ page }) => {
  const buyer = await quoted(page);
  const first = page.url();
  await page.getByText("Rephrase", { exact: true }).click();
  await buyer.at("sentence").fill("a redis cache with 2 GB for a day");
  await buyer.at("send").click();
  await expect(page).not.toHaveURL(first);
  await expect.poll(() => buyer.sdl()).toContain("redis");
  await page.goBack();
  await expect(page).toHaveURL(first);
  await expect.poll(() => buyer.sdl()).toContain("nginx");
  await page.goBack();
  await expect(page).toHaveURL(/\/\?say=/);
  await expect(buyer.at("sentence")).toHaveValue(STATIC_SITE);
  await page.goForward();
  await page.goForward();
  await expect.poll(() => buyer.sdl()).toContain("redis");
});

test("who picks the bid and what was prepared outlive a reload", async ({ page, wallet, world }) => {
  const buyer = await ready(page, wallet, world);
  const mine = page.getByRole("radio", { name: /I pick it/ });
  await mine.check();
  await buyer.reload();
  await expect(buyer.at("prepare-deposit")).toBeVisible();
  await expect(mine).toBeChecked();
  await buyer.prepareDeposit("buyer");
  await expect(buyer.at("sign-deposit")).toBeVisible();
  await buyer.reload();
  await expect(buyer.at("sign-deposit")).toBeVisible();
  await expect(mine).toBeChecked();
  await buyer.at("sign-deposit").click();
  await buyer.untilPaid();
  await buyer.acceptBestBid();
  await buyer.untilPhase("Active");
  await buyer.close();
  await buyer.untilSettled();
});

test("a question has a place for its answer, and nothing untrue stands beside it", async ({ page }) => {
  const buyer = new Buyer(page);
  await buyer.arrive();
  await buyer.describe("asdf qwer purple monkey dishwasher");
  const question = buyer.at("question");
  await expect(question.getByRole("heading")).toContainText("What should run");
  for (const id of ["sdl-editor", "sdl-findings", "deposit-amount", "deposit-panel", "draft-standing"]) {
    await expect(buyer.at(id)).toHaveCount(0);
  }
  await expectAccessible(page);
  await question.getByTestId("sentence").fill("a redis cache under $2 for 4 hours");
  await question.getByTestId("send").click();
  await buyer.untilQuoted();
  await expect(question.getByRole("heading")).toContainText("per hour or for the whole run?");
  await question.getByRole("button", { name: "For the whole run" }).click();
  await expect(question).toHaveCount(0);
  await expect(page.locator(".chips")).toContainText("Budget");
  await buyer.untilQuoted();
});

test("what is impossible is said before anything is asked", async ({ page }) => {
  const buyer = new Buyer(page);
  await buyer.arrive();
  await buyer.describe("100 H100 for $1");
  await expect(page.getByRole("region", { name: "Draft" }).locator(".notice")).toContainText("you asked for 100");
  await expect(buyer.at("question")).toHaveCount(0);
  await expect(buyer.at("deposit-panel")).toHaveCount(0);
});

test("a chip shows what the draft says", async ({ page }) => {
  const buyer = await quoted(page);
  const ports = page.locator(".chip", { hasText: "Ports" });
  await expect(ports).toContainText("80");
  await buyer.writeSdl((await buyer.sdl()).replace("port: 80", "port: 8088"));
  await expect(ports).toContainText("8088");
  await expect(ports).toContainText("from your draft");
});
