// What a buyer can do with a signature alone, and what the wallet can do without Necto.

import type { Page } from "@playwright/test";

import { expectAccessible } from "../harness/accessibility.ts";
import { escrowOf, expectBalancedBooks, expectSettled } from "../harness/books.ts";
import { Buyer, type Picks } from "../harness/buyer.ts";
import { expect, test } from "../harness/test.ts";
import type { TestWallet } from "../harness/wallet.ts";
import type { World } from "../harness/world.ts";

/** A buyer with test USDC and no gas has signed a deposit. */
async function signed(page: Page, wallet: TestWallet, world: World, picks: Picks): Promise<Buyer> {
  await world.chain.giveTokens(wallet.address);
  const buyer = new Buyer(page);
  await buyer.arrive();
  await buyer.describe("Host a static site for 3 hours");
  await buyer.untilQuoted();
  await buyer.connect();
  await buyer.signIn();
  await buyer.prepareDeposit(picks);
  await expect(buyer.at("sign-deposit")).toBeVisible();
  await expectAccessible(page);
  await buyer.at("sign-deposit").click();
  await buyer.untilPaid();
  return buyer;
}

test("an account without gas signs once and goes from deposit to receipt", async ({ page, wallet, world }) => {
  const buyer = await signed(page, wallet, world, "necto");
  await buyer.untilPhase("Active");
  await buyer.close();
  const receipt = await buyer.untilSettled();
  const escrow = await escrowOf(world, wallet.address);
  expectSettled(escrow);
  expect(receipt).toEqual({ released: escrow.released, refunded: escrow.refunded });
  expect(await world.chain.gas(wallet.address), "it never had any").toBe(0n);
  const asked = (method: string) => wallet.requests.filter((request) => request.method === method).length;
  expect(asked("eth_signTypedData_v4")).toBe(1);
  expect(asked("eth_sendTransaction")).toBe(0);
  await expectBalancedBooks(world);
});

test("a deposit cancelled from the wallet before it is activated comes back whole", async ({ page, wallet, world }) => {
  const buyer = await signed(page, wallet, world, "buyer");
  await buyer.untilPhase("Bidding");
  await world.chain.giveGas(wallet.address);
  await buyer.endFromWallet("cancel");
  const receipt = await buyer.untilSettled();
  const escrow = await escrowOf(world, wallet.address);
  expect(receipt).toEqual({ released: 0n, refunded: escrow.deposited });
  expect(await world.market.liveDeployments()).toEqual([]);
});

test("an escrow closed from the wallet while the server is down is seen when it is back", async ({
  page,
  wallet,
  world,
}) => {
  const buyer = await signed(page, wallet, world, "necto");
  await buyer.untilPhase("Active");
  expect(await world.market.liveDeployments()).toHaveLength(1);
  await world.killServer();
  await world.chain.giveGas(wallet.address);
  // The page is still open, and needs no server for this.
  await buyer.endFromWallet("close");
  await expect.poll(async () => (await escrowOf(world, wallet.address)).status, { timeout: 30_000 }).toBe("closed");
  await world.restartServer();

  await buyer.reload();
  const receipt = await buyer.untilSettled();
  const escrow = await escrowOf(world, wallet.address);
  expectSettled(escrow);
  expect(receipt).toEqual({ released: escrow.released, refunded: escrow.refunded });
  expect(await world.market.liveDeployments()).toEqual([]);
  await expectBalancedBooks(world);
});
