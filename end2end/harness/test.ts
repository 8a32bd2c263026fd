// What every journey starts from.

import { test as base, expect, type Page } from "@playwright/test";

import { TestWallet } from "./wallet.ts";
import { World } from "./world.ts";

/** Given to each journey. */
export interface JourneyFixtures {
  /** A page with a test wallet in it, on a fresh browser profile. */
  page: Page;
  /** The wallet of that page; its account holds neither gas nor token. */
  wallet: TestWallet;
  /** Errors the page reported; a journey that expects none need not look: leaving one fails it. */
  pageErrors: string[];
  /** Has what earlier journeys left in the world come to rest, so that it is nobody else's surprise. */
  quiet: void;
}

/** Shared by the journeys of one worker. */
export interface WorkerFixtures {
  /** A whole Necto. */
  world: World;
}

export const test = base.extend<JourneyFixtures, WorkerFixtures>({
  world: [
    async ({}, use) => {
      const world = await World.start();
      await use(world);
      const log = world.serverLog();
      await world.stop();
      expect(log.split("\n").filter((line) => line.includes("panicked at")), "the server panicked").toEqual([]);
    },
    { scope: "worker", timeout: 120_000 },
  ],

  quiet: [
    async ({ world }, use) => {
      await world.untilQuiet();
      await world.market.forgetLiveDeployments();
      await use();
    },
    { auto: true },
  ],

  baseURL: async ({ world }, use) => {
    await use(world.url);
  },

  wallet: async ({ world, context }, use) => {
    const wallet = new TestWallet(world.chain.rpcUrl);
    await wallet.install(context);
    await use(wallet);
  },

  pageErrors: async ({}, use) => {
    const errors: string[] = [];
    await use(errors);
    expect(errors, "the page reported errors").toEqual([]);
  },

  page: async ({ page, wallet, pageErrors }, use) => {
    void wallet;
    page.on("pageerror", (error) => pageErrors.push(error.message));
    page.on("console", (message) => {
      // Refused scripts and styles are reported here and nowhere else.
      if (message.type() === "error" && /content security policy|panicked|hydration/i.test(message.text())) {
        const { url, lineNumber } = message.location();
        pageErrors.push(`${message.text()} (${url}:${lineNumber})`);
      }
    });
    await use(page);
  },
});

export { expect };
