// Every button that pays, pressed twice, in two tabs, after a reload, after going back, and for a changed amount.

import type { Page } from "@playwright/test";

import { expectAccessible } from "../harness/accessibility.ts";
import { expectBalancedBooks } from "../harness/books.ts";
import { Buyer } from "../harness/buyer.ts";
import { expect, test } from "../harness/test.ts";
import { REFUSALS, type TestWallet } from "../harness/wallet.ts";
import type { World } from "../harness/world.ts";

const SLOW_MS = 60_000;

async function running(page: Page): Promise<Buyer> {
  const buyer = new Buyer(page);
  await buyer.arrive();
  await buyer.describe("Host a static site for 3 hours");
  await buyer.untilQuoted();
  await buyer.pay("necto");
  await buyer.untilPhase("Active");
  return buyer;
}

async function deposited(world: World, wallet: TestWallet): Promise<bigint> {
  const own = (await world.chain.escrows()).filter(({ buyer }) => buyer === wallet.address);
  expect(own).toHaveLength(1);
  return own[0]?.deposited ?? 0n;
}

const sent = (wallet: TestWallet) => wallet.requests.filter(({ method }) => method === "eth_sendTransaction").length;
const signed = (wallet: TestWallet) => wallet.requests.filter(({ method }) => method === "eth_signTypedData_v4").length;

test("a top-up is one signature, says what it buys, and is paid once", async ({ page, wallet, world }) => {
  const buyer = await running(page);
  const before = await deposited(world, wallet);
  await buyer.reviewTopUp("1.50");
  await expect(buyer.at("top-up-amount-note")).toHaveText(/^\+\d+ d( \d+ h)? at the present rate\.$/);
  await expectAccessible(page);
  const [transactions, signatures] = [sent(wallet), signed(wallet)];
  await buyer.at("sign-top-up").dblclick();
  await expect.poll(() => deposited(world, wallet), { timeout: SLOW_MS }).toBe(before + 1_500_000n);
  await expect(buyer.at("sign-top-up")).toHaveCount(0);
  await expect(buyer.at("deposited")).toContainText("1.5");
  expect(sent(wallet) - transactions, "the wallet sent nothing").toBe(0);
  expect(signed(wallet) - signatures, "and signed once").toBe(1);
  await buyer.reload();
  await expect(buyer.at("sign-top-up")).toHaveCount(0);
  expect(await deposited(world, wallet)).toBe(before + 1_500_000n);
  await expectBalancedBooks(world);
});

test("what was prepared for one amount is never paid for another", async ({ page, wallet, world }) => {
  const buyer = await running(page);
  const before = await deposited(world, wallet);
  const live = page.locator('[data-testid="sign-top-up"], [data-testid="approve"], [data-testid="approve-top-up"], [data-testid="top-up"]');
  const asked = wallet.requests.length;
  for (const other of ["0,5", "7", "1e5", "", "999999999"]) {
    await buyer.reviewTopUp("5");
    await expect(buyer.at("sign-top-up")).toBeVisible();
    await buyer.at("top-up-amount").fill(other);
    await expect(live, other).toHaveCount(0);
    if (other !== "7") await expect(buyer.at("prepare-top-up")).toBeDisabled();
  }
  await expect(buyer.at("top-up-amount-note")).toContainText("That is more than you have: 99");
  // The same for a wallet that pays its own gas.
  await buyer.reviewTopUp("5");
  await buyer.at("top-up-pay-gas").click();
  await expect(buyer.at("approve-top-up")).toBeEnabled();
  await buyer.at("top-up-amount").fill("0,5");
  await expect(live).toHaveCount(0);
  const paying = wallet.requests.slice(asked).filter(({ method }) => /sign|sendTransaction/i.test(method));
  expect(paying, "nothing reached the wallet").toEqual([]);
  expect(await deposited(world, wallet)).toBe(before);
});

test("with own gas each step is taken once, over a reload and going back", async ({ page, wallet, world }) => {
  const buyer = await running(page);
  const before = await deposited(world, wallet);
  await buyer.reviewTopUp("2");
  await buyer.at("top-up-pay-gas").click();
  await expect(buyer.at("top-up")).toBeDisabled();
  wallet.refuseNext("eth_sendTransaction", REFUSALS.rejected);
  await buyer.at("approve-top-up").click();
  await expect(page.getByText("You declined it in the wallet. Nothing was signed or sent.")).toBeVisible();
  const transactions = sent(wallet);
  await buyer.at("approve-top-up").dblclick();
  await expect(buyer.at("step-done")).toHaveCount(1, { timeout: SLOW_MS });
  await expect(buyer.at("step-done")).toContainText("1 Approve 2.00");
  expect(sent(wallet) - transactions).toBe(1);

  await buyer.reload();
  await page.locator("summary", { hasText: "Add money" }).click();
  await expect(buyer.at("step-done")).toContainText("1 Approve 2.00");
  await page.goto("/deployments");
  await page.goBack();
  await buyer.untilListening();
  const fold = buyer.at("top-up-fold");
  if ((await fold.getAttribute("open")) === null) await fold.locator("summary").first().click();
  await expect(buyer.at("top-up")).toBeEnabled();
  await expectAccessible(page);
  await buyer.at("top-up").dblclick();
  await expect(buyer.at("step-done")).toHaveCount(2, { timeout: SLOW_MS });
  await expect(buyer.at("top-up")).toHaveCount(0);
  await expect.poll(() => deposited(world, wallet), { timeout: SLOW_MS }).toBe(before + 2_000_000n);
  expect(sent(wallet) - transactions, "an approval and a top-up").toBe(2);
  await buyer.reload();
  await expect(buyer.at("top-up")).toHaveCount(0);

  await buyer.close();
  await buyer.untilSettled();
  const rows = buyer.at("receipt-rows").locator("tbody tr");
  await expect(rows.filter({ hasText: "Top-up" })).toHaveCount(1);
  await expect(rows.filter({ hasText: "Top-up" })).toContainText("2.000000 tUSDC");
  await expect(rows.first()).toContainText("Deposit");
  await expect(rows.last()).toContainText("Settlement");
  await expectBalancedBooks(world);
});

test("two tabs pay one top-up", async ({ page, wallet, world }) => {
  const buyer = await running(page);
  const before = await deposited(world, wallet);
  const other = new Buyer(await page.context().newPage());
  await other.page.goto(page.url());
  await other.untilListening();
  // Both by one signature: the second has no effect.
  await buyer.reviewTopUp("1");
  await other.reviewTopUp("1");
  // The first one takes the button away from the other: it is just as good if there is none left to press.
  const press = (tab: Buyer) =>
    tab.at("sign-top-up").click({ timeout: 5_000 }).catch((error: unknown) => {
      if (!String(error).includes("TimeoutError")) throw error;
    });
  await Promise.all([press(buyer), press(other)]);
  await expect.poll(() => deposited(world, wallet), { timeout: SLOW_MS }).toBe(before + 1_000_000n);
  await expect(buyer.at("sign-top-up")).toHaveCount(0);
  await expect(other.at("sign-top-up")).toHaveCount(0);
  // Both with their own gas: they show the same steps.
  await buyer.reviewTopUp("1");
  await buyer.at("top-up-pay-gas").click();
  await other.reviewTopUp("1");
  await other.at("top-up-pay-gas").click();
  await buyer.at("approve-top-up").click();
  await expect(other.at("step-done")).toHaveCount(1, { timeout: SLOW_MS });
  const transactions = sent(wallet);
  await buyer.at("top-up").click();
  await expect(other.at("step-done")).toHaveCount(2, { timeout: SLOW_MS });
  await expect(other.at("top-up")).toHaveCount(0);
  expect(sent(wallet) - transactions).toBe(1);
  await expect.poll(() => deposited(world, wallet), { timeout: SLOW_MS }).toBe(before + 2_000_000n);
  await world.advance(5);
  expect(await deposited(world, wallet)).toBe(before + 2_000_000n);
});

test("funds are added and withdrawn once, and never more than there is", async ({ page, wallet, world }) => {
  await world.chain.giveTokens(wallet.address);
  await world.chain.giveGas(wallet.address);
  const buyer = new Buyer(page);
  await buyer.openAutoSign();
  const fold = buyer.at("keep-amount-fold");
  await fold.locator("summary").first().click();
  await buyer.at("keep-amount").fill("5");
  await buyer.at("prepare-keep").click();
  await expect(buyer.at("approve-keep")).toBeEnabled();
  await buyer.at("keep-amount").fill("0,5");
  await expect(buyer.at("approve-keep")).toHaveCount(0);
  await expect(buyer.at("keep")).toHaveCount(0);
  await buyer.at("keep-amount").fill("100000");
  await expect(buyer.at("keep-amount-note")).toContainText("That is more than you have");
  await buyer.at("keep-amount").fill("5");
  await buyer.at("prepare-keep").click();
  const transactions = sent(wallet);
  await buyer.at("approve-keep").dblclick();
  await expect(buyer.at("keep")).toBeEnabled({ timeout: SLOW_MS });
  await buyer.reload();
  await fold.locator("summary").first().click();
  await expect(buyer.at("keep")).toBeEnabled();
  await buyer.at("keep").dblclick();
  await expect(buyer.at("kept")).toHaveText("5.00 tUSDC", { timeout: SLOW_MS });
  await expect(buyer.at("keep")).toHaveCount(0);
  expect(sent(wallet) - transactions).toBe(2);

  await buyer.at("withdraw-amount-fold").locator("summary").first().click();
  await buyer.at("withdraw-amount").fill("5.000001");
  await expect(buyer.at("withdraw-amount-note")).toHaveText("That is more than you have: 5.00 tUSDC.");
  await expect(buyer.at("prepare-withdrawal")).toBeDisabled();
  await buyer.at("withdraw-amount").fill("2");
  await buyer.at("prepare-withdrawal").click();
  await buyer.at("withdraw-kept").dblclick();
  await expect(buyer.at("kept")).toHaveText("3.00 tUSDC", { timeout: SLOW_MS });
  await expect(buyer.at("withdraw-kept")).toHaveCount(0);
  expect(sent(wallet) - transactions).toBe(3);
  await expectAccessible(page);
});
