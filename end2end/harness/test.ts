// The common start of every journey.

import { test as base, expect, type Page } from "@playwright/test";

import { PageErrors } from "./page-errors.ts";
import { TestWallet } from "./wallet.ts";
import { World } from "./world.ts";

/** Given to each journey. */
export interface JourneyFixtures {
  /** A page with a test wallet in it, on a fresh browser profile. */
  page: Page;
  /** The wallet of that page; its account holds neither gas nor token. */
  wallet: TestWallet;
  /** Errors that any page of the context reported. One that the journey did not allow by name fails it. */
  pageErrors: PageErrors;
  /** Waits until what earlier journeys left in the world has come to rest, so that it does not disturb another one. */
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

  pageErrors: async ({ context }, use) => {
    const errors = new PageErrors();
    errors.listen(context);
    await use(errors);
    expect(errors.unexpected(), "the page reported errors").toEqual([]);
  },

  page: async ({ page, wallet, pageErrors }, use) => {
    void wallet;
    void pageErrors;
    await use(page);
  },
});

export { expect };
