// Every way out ends with every unit accounted for.

import type { Page } from "@playwright/test";

import { escrowOf, expectBalancedBooks, expectSettled } from "../harness/books.ts";
import { Buyer } from "../harness/buyer.ts";
import { expect, test } from "../harness/test.ts";
import { REFUSALS } from "../harness/wallet.ts";

const SENTENCE = "Host a static site for 3 hours";

async function quoted(page: Page): Promise<Buyer> {
  const buyer = new Buyer(page);
  await buyer.arrive();
  await buyer.describe(SENTENCE);
  await buyer.untilQuoted();
  return buyer;
}

test("closed while providers bid: all of it comes back", async ({ page, wallet, world }) => {
  const buyer = await quoted(page);
  await buyer.pay("buyer");
  await buyer.untilPhase("Bidding");
  await buyer.close();
  const receipt = await buyer.untilSettled();
  const escrow = await escrowOf(world, wallet.address);
  expectSettled(escrow);
  expect(receipt.refunded).toBe(escrow.deposited);
  expect(receipt.released).toBe(0n);
  expect(await world.market.liveDeployments()).toEqual([]);
});

test("the paid time is over: it is closed, and what was used is paid", async ({ page, wallet, world }) => {
  const buyer = await quoted(page);
  await buyer.pay("necto");
  await buyer.untilPhase("Active");
  await world.advance(3 * 3_600 + 60);
  const receipt = await buyer.untilSettled();
  const escrow = await escrowOf(world, wallet.address);
  expectSettled(escrow);
  expect(receipt.released).toBeGreaterThan(0n);
  await expectBalancedBooks(world);
  expect(await world.market.liveDeployments()).toEqual([]);
});

test("the provider gives up: the rest comes back, and it can be deployed again", async ({ page, wallet, world }) => {
  const buyer = await quoted(page);
  await world.market.scenario("closed_unstable");
  await buyer.pay("necto");
  await buyer.untilPhase("Active");
  await world.advance(120);
  const receipt = await buyer.untilSettled();
  const escrow = await escrowOf(world, wallet.address);
  expectSettled(escrow);
  expect(receipt.refunded).toBeGreaterThan(0n);
  await expectBalancedBooks(world);
  expect(await world.market.liveDeployments()).toEqual([]);
  // Its price limits follow the market; what it asks for does not.
  const asked = (sdl: string | null) => sdl?.replace(/amount: \d+/g, "amount: …").trim();
  const sdl = await page.locator('pre[aria-label="SDL"]').textContent();
  await page.getByTestId("redeploy").click();
  await page.waitForURL(/\?order=/);
  await buyer.untilQuoted();
  expect(asked(await buyer.sdl()), "the same SDL at today's price").toBe(asked(sdl));
});

test("closed, and the provider has not stopped it yet: told as long as it lasts", async ({ page, wallet, world }) => {
  const buyer = await quoted(page);
  await world.market.scenario("runs_on");
  await buyer.pay("necto");
  await buyer.untilPhase("Active");
  await buyer.addresses();
  await buyer.close();
  await buyer.untilSettled();
  expectSettled(await escrowOf(world, wallet.address));
  const told = page.getByText("The provider has not stopped it yet");
  await expect(told).toHaveCount(0);
  await world.advance(31);
  await expect(told).toBeVisible();
  await page.reload();
  await expect(told).toBeVisible();
  await world.advance(200);
  await expect(told).toHaveCount(0);
});

test("a create that landed but never answered is adopted, not repeated", async ({ page, wallet, world }) => {
  const buyer = await quoted(page);
  await world.market.scenario("landed_then_lost");
  await buyer.pay("necto");
  await buyer.untilPhase("Active");
  expect(await world.market.liveDeployments()).toHaveLength(1);
  await buyer.close();
  await buyer.untilSettled();
  expectSettled(await escrowOf(world, wallet.address));
  expect(await world.market.liveDeployments()).toEqual([]);
});

test("a deposit declined in the wallet can be tried again, and is made once", async ({ page, wallet, world }) => {
  const buyer = await quoted(page);
  await buyer.connect();
  await buyer.signIn();
  await buyer.takeTestMoney();
  await buyer.prepareDeposit("necto");
  await buyer.at("pay-gas").click();
  await buyer.at("approve").click();
  await expect(buyer.at("fund")).toBeEnabled();
  wallet.refuseNext("eth_sendTransaction", REFUSALS.rejected);
  await buyer.at("fund").click();
  await expect(buyer.problem()).toContainText("You declined it in the wallet. Nothing was signed or sent.");
  await buyer.problem().getByRole("button", { name: "Try again" }).click();
  await buyer.untilPaid();
  await buyer.untilPhase("Active");
  await buyer.close();
  await buyer.untilSettled();
  expectSettled(await escrowOf(world, wallet.address));
});

test("more money buys more time", async ({ page, wallet, world }) => {
  const buyer = await quoted(page);
  await buyer.pay("necto");
  await buyer.untilPhase("Active");
  const before = (await escrowOf(world, wallet.address)).deposited;
  await page.getByText("Add money").click();
  await buyer.at("top-up-amount").fill("1.50");
  await buyer.at("prepare-top-up").click();
  await buyer.at("sign-top-up").click();
  await expect.poll(async () => (await escrowOf(world, wallet.address)).deposited).toBe(before + 1_500_000n);
  await expect(buyer.at("deposited")).toContainText("1.5");
  await buyer.close();
  await buyer.untilSettled();
  expectSettled(await escrowOf(world, wallet.address));
});
