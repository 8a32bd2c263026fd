// Wallets that Necto's developers did not write: a complete order with each, and what their owners do besides
// accepting.

import { installMockWallet } from "@johanneskares/wallet-mock";
import type { Locator, Page } from "@playwright/test";
import headless from "headless-web3-provider";
import { defineChain, http, type Address, type Hex } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

import { expectBalancedBooks, expectSettled } from "../harness/books.ts";
import { Buyer } from "../harness/buyer.ts";
import { CHAIN_ID, type Escrow } from "../harness/chain.ts";
import { MetaMask, unknownHash } from "../harness/metamask.ts";
import { expect, test as base } from "../harness/test.ts";
import type { World } from "../harness/world.ts";

const SENTENCE = "Host a static site for 3 hours";
/** How long nothing must happen for it to count as not happening: a signature pays within a second or two. */
const NOTHING_MS = 3_000;

/** Who pays the gas of deposit and top-up. */
type Pays = "by signature" | "its own gas";

const test = base.extend<{ metamask: MetaMask; bare: Page }>({
  /** MetaMask next to the journeys' own wallet, on a network other than the deposit's. */
  metamask: async ({ context, pageErrors }, use) => {
    pageErrors.allow(/MetaMask:/);
    const metamask = new MetaMask();
    await metamask.install(context);
    await use(metamask);
  },
  /** A page without any wallet. */
  bare: async ({ browser, baseURL, pageErrors }, use) => {
    const context = await browser.newContext(baseURL ? { baseURL } : {});
    pageErrors.listen(context);
    const page = await context.newPage();
    await page.addInitScript(() => {
      window.addEventListener("eip6963:requestProvider", () => {
        (window as unknown as { __testWalletWanted?: true }).__testWalletWanted = true;
      });
    });
    await use(page);
    await context.close();
  },
});

/** An element in the panel of the deposit: the header has some of them too. */
function panel(buyer: Buyer, id: string): Locator {
  return buyer.at("deposit-panel").getByTestId(id);
}

async function quoted(page: Page): Promise<Buyer> {
  const buyer = new Buyer(page);
  await buyer.arrive();
  await buyer.describe(SENTENCE);
  await buyer.untilQuoted();
  return buyer;
}

/** Everything from money in the account to the receipt: deposit, running, more money, end. */
async function live(world: World, buyer: Buyer, address: Address, pays: Pays): Promise<void> {
  await buyer.takeTestMoney();
  if (pays === "by signature") await buyer.deposit("necto");
  else await buyer.depositWithOwnGas("necto");
  await buyer.untilPaid();
  await buyer.untilPhase("Active");
  await world.chain.giveGas(address);
  const before = (await escrowOf(world, address)).deposited;
  await topUp(buyer, "1", pays);
  await expect.poll(async () => (await escrowOf(world, address)).deposited, { timeout: 30_000 }).toBe(before + 1_000_000n);
  await buyer.close();
  const receipt = await buyer.untilSettled();
  const escrow = await escrowOf(world, address);
  expectSettled(escrow);
  expect(receipt).toEqual({ released: escrow.released, refunded: escrow.refunded });
  await expectBalancedBooks(world);
}

async function topUp(buyer: Buyer, amount: string, pays: Pays): Promise<void> {
  await buyer.reviewTopUp(amount);
  if (pays === "by signature") {
    await buyer.at("sign-top-up").click();
    return;
  }
  await buyer.at("top-up-pay-gas").click();
  await buyer.at("approve-top-up").click();
  await expect(buyer.at("top-up")).toBeEnabled({ timeout: 30_000 });
  await buyer.at("top-up").click();
}

async function escrowsOf(world: World, address: Address): Promise<Escrow[]> {
  return (await world.chain.escrows()).filter(({ buyer }) => buyer.toLowerCase() === address.toLowerCase());
}

async function escrowOf(world: World, address: Address): Promise<Escrow> {
  const [escrow, ...others] = await escrowsOf(world, address);
  if (!escrow || others.length > 0) throw new Error(`${address} has ${others.length + (escrow ? 1 : 0)} escrows, not one`);
  return escrow;
}

test("a whole life with MetaMask, which did not know the network", async ({ page, world, wallet, metamask }) => {
  const buyer = await quoted(page);
  await buyer.connect("MetaMask");
  await panel(buyer, "network-by-hand").locator("summary").click();
  await expect(panel(buyer, "network-by-hand")).toContainText(`${CHAIN_ID}`);
  await panel(buyer, "switch-network").click();
  await buyer.signIn();
  await live(world, buyer, metamask.address, "by signature");
  expect(wallet.requests, "the other wallet of the browser is never spoken to").toEqual([]);
});

test("headless-web3-provider, which signs a message's hexadecimal text and not its bytes, is told that it is not its account's signature", async ({
  bare,
  world,
}) => {
  const key = generatePrivateKey();
  const permitted = Object.values(headless.Web3RequestKind);
  await headless.injectHeadlessWeb3Provider(bare as never, [key], CHAIN_ID, world.chain.rpcUrl, { permitted });
  const buyer = await quoted(bare);
  await buyer.connect("Headless Web3 Provider");
  await buyer.signIn();
  await expect(buyer.problem()).toContainText(`The signature is not by ${privateKeyToAccount(key).address}.`);
  await expect(buyer.at("sign-in")).toBeEnabled();
});

test("a whole life with wallet-mock, which signs no typed data and knows its account only as it wrote it", async ({
  bare,
  world,
}) => {
  const account = privateKeyToAccount(generatePrivateKey());
  const transport = http(world.chain.rpcUrl);
  const defaultChain = defineChain({
    id: CHAIN_ID,
    name: "local",
    nativeCurrency: { name: "ADI", symbol: "ADI", decimals: 18 },
    rpcUrls: { default: { http: [world.chain.rpcUrl] } },
  });
  await installMockWallet({ page: bare, account, defaultChain, transports: { [CHAIN_ID]: transport } } as never);
  const buyer = await quoted(bare);
  await buyer.connect("Mock Wallet");
  await buyer.signIn();
  await live(world, buyer, account.address, "its own gas");
});

test("its owner says no, and the way on stands beside it", async ({ page, metamask }) => {
  const buyer = await quoted(page);
  const declined = "You declined it in the wallet. Nothing was signed or sent.";
  metamask.next("eth_requestAccounts", { kind: "refuse", error: { code: -32603, message: "User denied account access." } });
  await buyer.connect("MetaMask");
  await expect(buyer.problem()).toContainText(declined);
  await buyer.problem().getByRole("button", { name: "Try again" }).click();

  metamask.next("wallet_addEthereumChain", { kind: "refuse", error: { code: 4001, message: "No." } });
  await panel(buyer, "switch-network").click();
  await expect(buyer.problem()).toContainText(declined);
  // Adding without switching is no error: one step is left.
  metamask.next("wallet_addEthereumChain", { kind: "add only" });
  await panel(buyer, "add-network").click();
  await expect(panel(buyer, "switch-network")).toHaveText("Switch");
  await expect(buyer.problem()).toHaveCount(0);
  await panel(buyer, "switch-network").click();

  metamask.next("personal_sign", {
    kind: "refuse",
    error: { code: -32000, message: "Failed", data: { originalError: { code: 4001, message: "" } } },
  });
  await buyer.signIn();
  await expect(buyer.problem()).toContainText(declined);
  await buyer.problem().getByRole("button", { name: "Try again" }).click();
  await expect(buyer.at("get-test-usdc")).toBeVisible();
});

test("a network that is chosen late, and without an event, goes on by itself", async ({ page, wallet }) => {
  await wallet.changeChain(page, 1);
  const buyer = await quoted(page);
  await buyer.connect();
  await expect(panel(buyer, "switch-network")).toBeVisible();
  wallet.beOn(CHAIN_ID);
  await expect(buyer.at("sign-in")).toBeVisible();
  // Any event has the chain read again, whatever it says.
  wallet.beOn(1);
  await wallet.emit(page, "chainChanged", 99_999);
  await expect(panel(buyer, "switch-network")).toBeVisible();
  wallet.beOn(CHAIN_ID);
  await expect(buyer.at("sign-in")).toBeVisible();
});

test("a question that nobody answers can be given up, and its late answer pays nothing", async ({
  page,
  world,
  metamask,
}) => {
  metamask.useNetwork(world.chain.rpcUrl);
  await world.chain.giveTokens(metamask.address);
  const buyer = await quoted(page);
  const waiting = panel(buyer, "wallet-waiting");

  // The first request never settles, the second is refused as pending, then it is confirmed: no reload is needed.
  const connecting = metamask.leaveOpen("eth_requestAccounts");
  await buyer.connect("MetaMask");
  await expect(waiting).toContainText("Waiting for MetaMask. Open it if you see nothing.");
  await panel(buyer, "wallet-option").filter({ hasText: "MetaMask" }).click();
  await expect(buyer.problem()).toContainText("The wallet is already waiting for your answer.");
  connecting.confirm();
  await expect(buyer.at("sign-in")).toBeVisible();

  const proving = metamask.leaveOpen("personal_sign");
  await buyer.signIn();
  await panel(buyer, "cancel-waiting").click();
  await expect(buyer.problem()).toContainText("You cancelled it here.");
  proving.confirm();
  await page.waitForTimeout(NOTHING_MS);
  await expect(buyer.at("sign-in")).toBeVisible();
  await buyer.signIn();

  const paying = metamask.leaveOpen("eth_signTypedData_v4");
  await buyer.deposit("buyer");
  await expect(waiting).toContainText("Waiting for MetaMask.");
  await expect(waiting).toContainText("Still waiting for MetaMask.", { timeout: 15_000 });
  await panel(buyer, "cancel-waiting").click();
  await expect(buyer.problem()).toContainText("a signature that still comes pays nothing");
  paying.confirm();
  await page.waitForTimeout(NOTHING_MS);
  expect(await escrowsOf(world, metamask.address)).toEqual([]);

  // Leaving the page also abandons the prompt.
  const leaving = metamask.leaveOpen("eth_signTypedData_v4");
  await buyer.deposit("buyer");
  await expect(waiting).toBeVisible();
  await page.getByRole("link", { name: "Market" }).first().click();
  await expect(page).toHaveURL(/\/market/);
  leaving.confirm();
  await page.waitForTimeout(NOTHING_MS);
  expect(await escrowsOf(world, metamask.address)).toEqual([]);
});

test("a wallet that locks is waited for, and what was prepared stays", async ({ page, world, metamask }) => {
  metamask.useNetwork(world.chain.rpcUrl);
  await world.chain.giveTokens(metamask.address);
  const buyer = await quoted(page);
  await buyer.connect("MetaMask");
  await buyer.signIn();
  await buyer.prepareDeposit("buyer");
  const prepared = await buyer.at("deposit-panel").locator(".decoded").first().textContent();

  await metamask.lockUp();
  await expect(panel(buyer, "wallet-locked")).toHaveText("MetaMask is locked. Unlock it to go on.");
  await expect(buyer.at("sign-deposit")).toBeVisible();
  await metamask.unlock();
  await expect(panel(buyer, "wallet-locked")).toHaveCount(0);
  expect(await buyer.at("deposit-panel").locator(".decoded").first().textContent()).toBe(prepared);

  // If it is locked while the page is loaded, the page says so as well, and recovers by itself.
  await metamask.lockUp();
  await buyer.reload();
  await expect(panel(buyer, "wallet-locked")).toHaveText("MetaMask is locked. Unlock it to go on.");
  await metamask.unlock();
  await expect(buyer.at("sign-deposit")).toBeVisible();
  expect(await buyer.at("deposit-panel").locator(".decoded").first().textContent()).toBe(prepared);

  // An account other than the one that prepared it signs out and voids it.
  await metamask.changeAccount();
  await expect(buyer.at("sign-in")).toBeVisible();
  await expect(buyer.at("sign-deposit")).toHaveCount(0);
});

test("a hash that is nobody's or a stranger's pays nothing, and the way on pays once", async ({
  page,
  world,
  metamask,
}) => {
  metamask.useNetwork(world.chain.rpcUrl);
  await world.chain.giveTokens(metamask.address);
  await world.chain.giveGas(metamask.address);
  const buyer = await quoted(page);
  await buyer.connect("MetaMask");
  await buyer.signIn();
  await buyer.prepareDeposit("necto");
  // Paying the gas oneself can be undone.
  await buyer.at("pay-gas").click();
  await buyer.at("sign-instead").click();
  await buyer.at("pay-gas").click();
  await buyer.at("approve").click();
  await expect(buyer.at("fund")).toBeEnabled({ timeout: 30_000 });

  const state = buyer.at("deposit-panel").locator(".tx-state").last();
  metamask.next("eth_sendTransaction", { kind: "name", hash: await strangersHash(world) });
  await buyer.at("fund").click();
  await expect(state).toContainText("It does not count");
  await expect(buyer.at("prepare-deposit")).toBeVisible();

  await buyer.prepareDeposit("necto");
  await buyer.at("pay-gas").click();
  metamask.next("eth_sendTransaction", { kind: "name", hash: unknownHash() });
  await buyer.at("fund").click();
  await expect(state).toContainText("within 30 seconds");
  await expect(state).toContainText("not seen on the chain", { timeout: 45_000 });
  await expect(state).toContainText("you cannot pay twice");
  await buyer.at("send-again").click();
  await buyer.at("pay-gas").click();
  await buyer.at("fund").click();
  await buyer.untilPaid();
  await buyer.untilPhase("Active");
  await escrowOf(world, metamask.address);
  await buyer.close();
  await buyer.untilSettled();
  await expectBalancedBooks(world);
});

/** The hash of a successful transaction that is not the buyer's. */
async function strangersHash(world: World): Promise<Hex> {
  const somebody = privateKeyToAccount(generatePrivateKey()).address;
  await world.chain.giveTokens(somebody);
  const head = await world.chain.client.getBlockNumber();
  for (let number = head; number >= 0n; number -= 1n) {
    const [hash] = (await world.chain.client.getBlock({ blockNumber: number })).transactions;
    if (hash) return hash;
  }
  throw new Error("there is no transaction on the chain");
}
