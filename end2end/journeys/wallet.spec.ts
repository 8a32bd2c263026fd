// Wallets refuse, are on another chain, change in the middle of an action, and may use a chain that only claims to be
// ours.

import { Buyer } from "../harness/buyer.ts";
import { CHAIN_ID } from "../harness/chain.ts";
import { OtherChain } from "../harness/other-chain.ts";
import { expect, test } from "../harness/test.ts";
import { REFUSALS } from "../harness/wallet.ts";

const SENTENCE = "Host a static site for 3 hours";

test("a refused connection is said in a sentence, and can be tried again", async ({ page, wallet }) => {
  const buyer = new Buyer(page);
  await buyer.arrive();
  await buyer.describe(SENTENCE);
  await buyer.untilQuoted();

  wallet.refuseNext("eth_requestAccounts", REFUSALS.rejected);
  await buyer.connect();
  await expect(buyer.problem()).toContainText("You declined it in the wallet. Nothing was signed or sent.");

  wallet.refuseNext("eth_requestAccounts", REFUSALS.pending);
  await buyer.problem().getByRole("button", { name: "Try again" }).click();
  await expect(buyer.problem()).toContainText("The wallet is already waiting for your answer.");

  wallet.refuseNext("eth_requestAccounts", REFUSALS.internal);
  await buyer.problem().getByRole("button", { name: "I answered it: go on" }).click();
  await expect(buyer.problem()).toContainText("The wallet or its node failed");

  await buyer.problem().getByRole("button", { name: "Try again" }).click();
  await expect(buyer.at("sign-in")).toBeVisible();
});

test("a wallet on another chain is brought to the right one, and may not know it yet", async ({ page, wallet }) => {
  await wallet.changeChain(page, 1);
  wallet.forget(CHAIN_ID);
  const buyer = new Buyer(page);
  await buyer.arrive();
  await buyer.describe(SENTENCE);
  await buyer.untilQuoted();
  await buyer.connect();
  await buyer.at("switch-network").click();
  await expect(buyer.at("sign-in")).toBeVisible();
  const asked = wallet.requests.map(({ method }) => method);
  expect(asked).toContain("wallet_switchEthereumChain");
  expect(asked).toContain("wallet_addEthereumChain");
});

test("a chain that only claims to be ours gets no signature", async ({ page, wallet }) => {
  const impostor = await OtherChain.start();
  try {
    const buyer = new Buyer(page);
    await buyer.arrive();
    await buyer.describe(SENTENCE);
    await buyer.untilQuoted();
    wallet.useNode(impostor.rpcUrl);
    await buyer.connect();
    await buyer.signIn();
    await expect(buyer.problem()).toContainText("Nothing was signed");
    const signed = wallet.requests.filter(({ method }) => /sign|sendTransaction/i.test(method));
    expect(signed).toEqual([]);
  } finally {
    await impostor.stop();
  }
});

test("another account in the wallet is noticed at once", async ({ page, wallet }) => {
  const buyer = new Buyer(page);
  await buyer.arrive();
  await buyer.describe(SENTENCE);
  await buyer.untilQuoted();
  await buyer.connect();
  const first = wallet.address;
  await expect(page.getByText(shortened(first)).first()).toBeVisible();
  await wallet.changeAccount(page);
  await expect(page.getByText(shortened(wallet.address)).first()).toBeVisible();
  await expect(page.getByText(shortened(first))).toHaveCount(0);
});

/** How an address is shortened on the page: its beginning and its end. */
function shortened(address: string): RegExp {
  return new RegExp(`${address.slice(0, 6)}.{1,3}${address.slice(-4)}`, "i");
}
