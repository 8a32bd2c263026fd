// Auto-sign: what the kept balance pays without the wallet being asked, and when it asks.

import { expectAccessible } from "../harness/accessibility.ts";
import { expectBalancedBooks } from "../harness/books.ts";
import { Buyer } from "../harness/buyer.ts";
import { readAbi } from "../harness/chain.ts";
import { expect, test } from "../harness/test.ts";
import { ASKING } from "../harness/wallet.ts";

/** Words that leave nothing open that affects cost or image. */
const STATED = "Host a static site for 1 hour";

test("a buyer keeps a balance, signs a policy, and words are paid without the wallet", async ({ page, wallet, world }) => {
  await world.chain.giveTokens(wallet.address);
  await world.chain.giveGas(wallet.address);
  const buyer = new Buyer(page);
  await buyer.openAutoSign();
  await expect(buyer.at("auto-sign-off")).toBeVisible();
  await buyer.keep("5");
  await expect(buyer.at("kept")).toHaveText("5.00 tUSDC");
  await buyer.signPolicy("20", "20");
  await expectAccessible(page);

  await buyer.arrive();
  const asked = () => wallet.requests.filter(({ method }) => (ASKING as readonly string[]).includes(method)).length;
  const before = asked();
  await buyer.describe(STATED);
  await buyer.untilPaid();
  await expect(page.getByText(/Auto-sign, under the policy 0x[0-9a-f]{4}…[0-9a-f]{4} you signed/)).toBeVisible();
  expect(asked(), "the wallet was not asked").toBe(before);
  const [escrow] = (await world.chain.escrows()).filter(({ buyer: who }) => who === wallet.address);
  await page.goto("/auto-sign");
  await expect(buyer.at("spends").getByRole("row")).toHaveCount(2);
  const left = (5_000_000n - (escrow?.deposited ?? 0n)).toString().padStart(7, "0");
  await expect(buyer.at("kept")).toHaveText(new RegExp(`^${left.slice(0, -6)}\\.`));
  await expectBalancedBooks(world);
});

test("what was assumed, too dear or revoked asks for a confirmation", async ({ page, wallet, world }) => {
  await world.chain.giveTokens(wallet.address);
  await world.chain.giveGas(wallet.address);
  const { escrow, usdc } = world.chain.contracts;
  await world.chain.sendAs(wallet.key, usdc, readAbi("TestnetUSDC"), "approve", [escrow, 5_000_000n]);
  await world.chain.sendAs(wallet.key, escrow, readAbi("AkashEscrow"), "keep", [5_000_000n]);
  const buyer = new Buyer(page);
  await buyer.openAutoSign();
  await buyer.signPolicy("2", "20");

  const asks = async (words: string, why: string) => {
    await buyer.arrive();
    await buyer.describe(words);
    await buyer.untilQuoted();
    await expect(buyer.at("auto-sign-asks")).toContainText(why);
  };
  await asks("Host a static site", "Your confirmation is needed: the duration was assumed.");
  await asks("Host a static site for 60 days", "and your limit for one order is 2.00");
  await expectAccessible(page);
  await world.chain.sendAs(wallet.key, escrow, readAbi("AkashEscrow"), "revokePolicies", []);
  await asks(STATED, "Your confirmation is needed: your spend policy was revoked.");
  await expect(buyer.at("prepare-deposit")).toBeVisible();
  await page.goto("/auto-sign");
  await expect(page.getByText("You revoked this policy on chain")).toBeVisible();
});

test("the price stands before it is paid: cancelled, changed, reloaded, at once", async ({ page, wallet, world }) => {
  await world.chain.giveTokens(wallet.address);
  await world.chain.giveGas(wallet.address);
  const { escrow, usdc } = world.chain.contracts;
  await world.chain.sendAs(wallet.key, usdc, readAbi("TestnetUSDC"), "approve", [escrow, 5_000_000n]);
  await world.chain.sendAs(wallet.key, escrow, readAbi("AkashEscrow"), "keep", [5_000_000n]);
  const buyer = new Buyer(page);
  await buyer.openAutoSign();
  await buyer.signPolicy("2", "20");
  const paid = async () => (await world.chain.escrows()).filter(({ buyer: who }) => who === wallet.address).length;

  // It is shown on every page, and beside the button.
  for (const path of ["/market", "/templates", "/deployments", "/"]) {
    await page.goto(path);
    await expect(buyer.at("auto-sign-chip")).toContainText("Auto-sign on");
  }
  await expect(buyer.at("auto-sign-warning").first()).toContainText("Necto will pay up to 2.00 tUSDC by itself");
  await expect(buyer.at("send")).toHaveText("Get a price");

  await buyer.untilListening();
  await buyer.describe(STATED);
  await expect(buyer.at("auto-sign-countdown")).toContainText(/Paying 0\.\d+ tUSDC from your prepaid balance in \d+ s\./);
  await expectAccessible(page);
  await buyer.at("cancel-payment").dblclick();
  await expect(buyer.at("auto-sign-cancelled")).toBeVisible();
  await expect(buyer.at("prepare-deposit")).toBeVisible();
  await world.advance(30);
  await buyer.reload();
  await expect(buyer.at("auto-sign-cancelled")).toBeVisible();
  expect(await paid(), "a cancelled payment is never made").toBe(0);

  // A reload, or having no page open at all, changes nothing about the announcement.
  await buyer.arrive();
  await buyer.describe(STATED);
  await expect(buyer.at("auto-sign-countdown")).toBeVisible();
  const order = page.url();
  await page.goto("about:blank");
  await world.advance(12);
  await expect.poll(paid, { timeout: 60_000 }).toBe(1);
  await page.goto(order);
  await buyer.untilPaid();

  // At once, if the buyer wants it.
  await page.goto("/auto-sign");
  await buyer.untilListening();
  await buyer.at("pay-at-once").check();
  await expect(buyer.at("pay-at-once")).toBeChecked();
  await page.goto("/");
  await buyer.untilListening();
  await expect(buyer.at("auto-sign-warning").first()).toContainText("as soon as there is a price");
  await buyer.describe(STATED);
  await buyer.untilPaid();
  expect(await paid()).toBe(2);
  await expectBalancedBooks(world);
});

test("an edit cancels what was announced", async ({ page, wallet, world }) => {
  await world.chain.giveTokens(wallet.address);
  await world.chain.giveGas(wallet.address);
  const { escrow, usdc } = world.chain.contracts;
  await world.chain.sendAs(wallet.key, usdc, readAbi("TestnetUSDC"), "approve", [escrow, 5_000_000n]);
  await world.chain.sendAs(wallet.key, escrow, readAbi("AkashEscrow"), "keep", [5_000_000n]);
  const buyer = new Buyer(page);
  await buyer.openAutoSign();
  await buyer.signPolicy("2", "20");
  await buyer.arrive();
  await buyer.describe(STATED);
  await expect(buyer.at("auto-sign-countdown")).toBeVisible();
  const text = await buyer.sdl();
  await buyer.writeSdl(text.replace(/image: .*/, "image: httpd:2.4"));
  await expect(buyer.at("auto-sign-countdown")).toHaveCount(0);
  await buyer.at("save-sdl").click();
  await expect(buyer.at("auto-sign-asks")).toContainText("an SDL of your own is confirmed by you each time");
  await world.advance(30);
  const own = (await world.chain.escrows()).filter(({ buyer: who }) => who === wallet.address);
  expect(own, "the text before is paid by nobody").toEqual([]);
});
