// What a buyer does, in the words of the interface. Journeys are written in these steps.

import { expect, type Locator, type Page } from "@playwright/test";

import type { TestWallet } from "./wallet.ts";

/** Real time a market or chain step may take: blocks are real, the market runs faster. */
const SLOW_MS = 60_000;

/** A person at the page. */
export class Buyer {
  constructor(readonly page: Page) {}

  /** Something on the page by its test id. */
  at(id: string): Locator {
    return this.page.getByTestId(id);
  }

  /** Opens the first page and waits until it listens. */
  async arrive(): Promise<void> {
    await this.page.goto("/");
    await this.untilListening();
  }

  /** Waits until the page's own code has taken over from the server's HTML: it looks for wallets then. */
  async untilListening(): Promise<void> {
    await this.page.waitForFunction(
      () => (window as unknown as { __testWalletWanted?: true }).__testWalletWanted === true,
    );
  }

  /** Loads the page anew. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.untilListening();
  }

  /** Says what to run and sends it. */
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
    const editor = this.at("sdl-editor");
    const area = editor.locator("textarea").first();
    if (await area.isVisible()) return area.inputValue();
    return (await editor.locator(".cm-line").allInnerTexts()).join("\n");
  }

  /** Replaces the SDL as one does by hand: select all, type. */
  async writeSdl(text: string): Promise<void> {
    const content = this.at("sdl-editor").locator(".cm-content");
    await content.click();
    await this.page.keyboard.press("ControlOrMeta+A");
    // Inserted, not typed: an editor that indents by itself would indent twice.
    await this.page.keyboard.insertText(text);
  }

  /** Connects the wallet of that name. */
  async connect(walletName = "Test wallet"): Promise<void> {
    await this.at("connect-wallet").first().click();
    await this.at("wallet-option").filter({ hasText: walletName }).click();
  }

  /** Signs in with the connected account. */
  async signIn(): Promise<void> {
    await this.at("sign-in").click();
  }

  /** Takes test USDC from the faucet, and gas with it where there is none. */
  async takeTestMoney(): Promise<void> {
    await this.at("get-test-usdc").click();
    await expect(this.at("approve")).toBeEnabled({ timeout: SLOW_MS });
  }

  /** Approves and funds: the money moves. */
  async deposit(): Promise<void> {
    await this.at("approve").click();
    await expect(this.at("fund")).toBeEnabled({ timeout: SLOW_MS });
    await this.at("fund").click();
  }

  /** Everything from the quote to the money in escrow, for a buyer who has nothing yet. */
  async pay(wallet: TestWallet): Promise<void> {
    await this.connect();
    await this.signIn();
    await this.takeTestMoney();
    await this.deposit();
    await expect.poll(() => wallet.requests.filter(isTransaction).length).toBeGreaterThanOrEqual(3);
  }

  /** Lets the best acceptable bid be taken without asking again. */
  async acceptAutomatically(): Promise<void> {
    await this.at("deposit-panel").getByRole("radio", { name: /automatic/i }).check();
  }

  /** Waits for a phase of the timeline. */
  async untilPhase(name: "Pending" | "Bidding" | "Active" | "Complete"): Promise<void> {
    await expect(this.at("phase")).toContainText(name, { timeout: SLOW_MS * 2 });
  }

  /** Takes the best bid of the table. */
  async acceptBestBid(): Promise<void> {
    await this.at("accept-bid").first().click({ timeout: SLOW_MS });
  }

  /** The addresses at which the deployment answers. */
  async addresses(): Promise<string[]> {
    const links = this.at("service-uri");
    await expect(links.first()).toBeVisible({ timeout: SLOW_MS });
    return links.evaluateAll((anchors) => anchors.map((anchor) => (anchor as HTMLAnchorElement).href));
  }

  /** Ends the deployment and confirms it. */
  async close(): Promise<void> {
    await this.at("close").click();
    await this.at("close-confirm").click();
  }

  /** Waits for the receipt. */
  async untilSettled(): Promise<void> {
    await expect(this.at("receipt")).toBeVisible({ timeout: SLOW_MS * 2 });
  }
}

function isTransaction({ method }: { method: string }): boolean {
  return method === "eth_sendTransaction";
}
