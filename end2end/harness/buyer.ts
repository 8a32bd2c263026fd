// The actions of a buyer, in the words of the interface. Journeys are written in these steps.

import { expect, type Locator, type Page } from "@playwright/test";

/** Real time that a market or chain step may take: blocks are real, only the market is faster. */
const SLOW_MS = 60_000;

/** Who picks the bid: the buyer from the table, or Necto as agreed at the deposit. */
export type Picks = "buyer" | "necto";

/** A person at the page. */
export class Buyer {
  constructor(readonly page: Page) {}

  /** An element of the page by its test id. */
  at(id: string): Locator {
    return this.page.getByTestId(id);
  }

  /** Opens the first page and waits until it responds to input. */
  async arrive(): Promise<void> {
    await this.page.goto("/");
    await this.untilListening();
  }

  /** Waits until the page's own code has taken over from the server's HTML: it then looks for wallets. */
  async untilListening(): Promise<void> {
    await this.page.waitForFunction(
      () => (window as unknown as { __testWalletWanted?: true }).__testWalletWanted === true,
    );
  }

  /** Reloads the page. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.untilListening();
  }

  /** Types what to run and sends it. */
  async describe(sentence: string): Promise<void> {
    await this.at("sentence").fill(sentence);
    await this.at("send").click();
  }

  /** Waits for the price of everything. */
  async untilQuoted(): Promise<void> {
    await expect(this.at("quote")).toBeVisible({ timeout: SLOW_MS });
    await expect(this.at("deposit-amount")).toContainText(/\d/);
  }

  /** The SDL as the editor shows it. */
  async sdl(): Promise<string> {
    // The text area beneath the editor contains all of it; the editor itself draws only the lines in view.
    return this.at("sdl-editor").locator("textarea").first().inputValue();
  }

  /** Replaces the SDL as a user does: select all, paste. */
  async writeSdl(text: string): Promise<void> {
    const content = this.at("sdl-editor").locator(".cm-content");
    await content.click();
    await this.page.keyboard.press("ControlOrMeta+A");
    // Pasted, not typed: an editor with automatic indentation would indent twice.
    await content.evaluate((element, pasted) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", pasted);
      element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    }, text);
  }

  /** Has the SDL priced as it is in the editor. */
  async storeSdl(): Promise<void> {
    await this.at("save-sdl").click();
    await this.untilPriceIsUpToDate();
  }

  /** Waits until the price is for the text that is shown. */
  async untilPriceIsUpToDate(): Promise<void> {
    await expect(this.at("draft-standing")).toContainText("Price is up to date.", { timeout: SLOW_MS });
  }

  /** Waits until the edited text is stored with the order. */
  async untilKept(): Promise<void> {
    await expect(this.at("draft-standing")).not.toContainText("Saving");
    await expect(this.at("draft-standing")).not.toContainText("this tab only");
  }

  /** The checker's findings about the SDL. */
  findings(): Locator {
    return this.at("sdl-findings");
  }

  /** Connects the wallet with that name. */
  async connect(walletName = "Test wallet"): Promise<void> {
    await this.at("connect-wallet").first().click();
    await this.at("wallet-option").filter({ hasText: walletName }).click();
  }

  /** Connects the wallet with that name from the header, which every page has. */
  async connectInHeader(walletName = "Test wallet"): Promise<void> {
    await this.at("account").click();
    await this.at("account-popover").getByTestId("wallet-option").filter({ hasText: walletName }).click();
  }

  /** Signs in with the connected account. */
  async signIn(): Promise<void> {
    await this.at("sign-in").click();
  }

  /** Takes test USDC from the faucet, and gas with it if there is none. */
  async takeTestMoney(): Promise<void> {
    await this.at("get-test-usdc").click();
    await expect(this.at("prepare-deposit")).toBeVisible({ timeout: SLOW_MS });
  }

  /** Chooses who picks the bid, reviews the terms and signs them once: Necto moves the money. */
  async deposit(picks: Picks): Promise<void> {
    await this.prepareDeposit(picks);
    await this.at("sign-deposit").click();
  }

  /** Chooses who picks the bid and has the terms fixed. */
  async prepareDeposit(picks: Picks): Promise<void> {
    const way = picks === "buyer" ? /I pick it/ : /takes the best/;
    await this.at("deposit-panel").getByRole("radio", { name: way }).check();
    await this.at("prepare-deposit").click();
  }

  /** The same with the wallet's own gas: reviews both transactions, approves and funds. */
  async depositWithOwnGas(picks: Picks): Promise<void> {
    await this.prepareDeposit(picks);
    await this.at("pay-gas").click();
    await this.at("approve").click();
    await expect(this.at("fund")).toBeEnabled({ timeout: SLOW_MS });
    await this.at("fund").click();
  }

  /** Everything from the quote to the money in escrow, for a buyer who has nothing yet. */
  async pay(picks: Picks): Promise<void> {
    await this.connect();
    await this.signIn();
    await this.takeTestMoney();
    await this.deposit(picks);
    await this.untilPaid();
  }

  /** Opens the page of the kept balance, connected and signed in. */
  async openAutoSign(): Promise<void> {
    await this.page.goto("/auto-sign");
    await this.untilListening();
    await this.connect();
    await this.signIn();
    await expect(this.at("kept")).toBeVisible();
  }

  /** Opens the section for adding money to the deployment, and has this amount prepared. */
  async reviewTopUp(amount: string): Promise<void> {
    const fold = this.at("top-up-fold");
    if ((await fold.getAttribute("open")) === null) await fold.locator("summary").first().click();
    await this.at("top-up-amount").fill(amount);
    await this.at("prepare-top-up").click();
  }

  /** Keeps that much with the escrow contract: an approval, then the deposit. */
  async keep(amount: string): Promise<void> {
    await this.at("keep-amount-fold").locator("summary").first().click();
    await this.at("keep-amount").fill(amount);
    await this.at("prepare-keep").click();
    await this.at("approve-keep").click();
    await expect(this.at("keep")).toBeEnabled({ timeout: SLOW_MS });
    await this.at("keep").click();
  }

  /** Signs a policy with these limits and thereby switches auto-sign on. */
  async signPolicy(perOrder: string, perDay: string): Promise<void> {
    await this.at("per-order").fill(perOrder);
    await this.at("per-day").fill(perDay);
    await this.at("prepare-policy").click();
    await this.at("sign-policy").click();
    await expect(this.at("auto-sign-on")).toBeVisible();
  }

  /** Waits until the deposit counts: the page of the deployment opens by itself. */
  async untilPaid(): Promise<void> {
    await expect(this.page).toHaveURL(/\/deployments\//, { timeout: SLOW_MS });
  }

  /** The problem that the deposit panel reports. */
  problem(): Locator {
    return this.at("deposit-panel").locator(".notice");
  }

  /** Waits for a phase of the timeline. */
  async untilPhase(name: "Pending" | "Bidding" | "Active" | "Complete"): Promise<void> {
    await expect(this.at("phase")).toContainText(name, { timeout: SLOW_MS * 2 });
  }

  /** Accepts the best bid of the table, waiting up to the timeout for one. */
  async acceptBestBid(timeout = SLOW_MS): Promise<void> {
    await this.at("accept-bid").first().click({ timeout });
  }

  /** The addresses at which the deployment answers. */
  async addresses(): Promise<string[]> {
    const links = this.at("service-uri");
    await expect(links.first()).toBeVisible({ timeout: SLOW_MS });
    return links.evaluateAll((anchors) => anchors.map((anchor) => (anchor as HTMLAnchorElement).href));
  }

  /** Closes the deployment and confirms it. */
  async close(): Promise<void> {
    await this.at("close").click();
    await this.at("confirm-close").click();
  }

  /** Ends the escrow with the buyer's own wallet: before activation it is cancelled. */
  async endFromWallet(how: "cancel" | "close"): Promise<void> {
    await this.at("own-exit").locator("summary").first().click();
    await this.at(`wallet-${how}`).click({ timeout: SLOW_MS });
  }

  /** Waits for the receipt and reads its two sums, in micro-USDC. */
  async untilSettled(): Promise<{ released: bigint; refunded: bigint }> {
    await expect(this.at("receipt")).toBeVisible({ timeout: SLOW_MS * 2 });
    const micros = async (id: string) => BigInt((await this.at(id).getAttribute("data-micros")) ?? "");
    return { released: await micros("released"), refunded: await micros("refunded") };
  }
}
