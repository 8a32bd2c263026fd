// The main journey: from a sentence to a settled receipt, each step with real parts.

import { expectAccessible } from "../harness/accessibility.ts";
import { escrowOf, expectBalancedBooks, expectSettled } from "../harness/books.ts";
import { Buyer } from "../harness/buyer.ts";
import { expect, test } from "../harness/test.ts";

const SENTENCE = "Run a Node.js web service with 1 CPU and 1 GB of memory for 2 hours";

test("a buyer with an empty wallet deploys, reads the logs, closes and gets the rest back", async ({
  page,
  wallet,
  world,
}) => {
  const buyer = new Buyer(page);
  await buyer.arrive();
  await expectAccessible(page);

  await test.step("describe", async () => {
    await buyer.describe(SENTENCE);
    await expect(buyer.at("steps")).toContainText(/node/i);
    await buyer.untilQuoted();
    await expectAccessible(page);
  });

  await test.step("edit the SDL in place", async () => {
    const draft = await buyer.sdl();
    expect(draft).toContain("version:");
    await buyer.writeSdl(draft.replace(/^( *)image: .*$/m, "$1image: node:22-alpine"));
    await expect.poll(() => buyer.sdl()).toContain("node:22-alpine");
    await expect(page.getByText("You changed the draft. Update the price to deploy it.")).toBeVisible();
    await buyer.storeSdl();
    await buyer.untilQuoted();
  });

  await test.step("deposit", async () => {
    await buyer.pay("buyer");
    await buyer.untilPhase("Bidding");
    await expectAccessible(page);
    const asked = (method: string) => wallet.requests.filter((request) => request.method === method);
    expect(asked("eth_sendTransaction"), "test USDC").toHaveLength(1);
    expect(asked("eth_signTypedData_v4"), "the deposit").toHaveLength(1);
  });
  const deposited = (await escrowOf(world, wallet.address)).deposited;
  expect(deposited).toBeGreaterThan(0n);
  const before = await world.chain.tokens(wallet.address);

  await test.step("take a bid", async () => {
    await buyer.acceptBestBid();
    await buyer.untilPhase("Active");
    await expect(buyer.at("state"), "leased is not running").toHaveText(/^(Starting|Running, 1 of 1 ready)/);
    await expect(page.getByText(/Charged by the second since .* UTC/)).toBeVisible();
    await expect(buyer.at("state")).toHaveText("Running, 1 of 1 ready");
    await expect(buyer.at("timeline")).toContainText("Running: everything you asked for is ready.");
    await expectAccessible(page);
  });

  await test.step("open the address", async () => {
    const [address] = await buyer.addresses();
    const visitor = await page.context().newPage();
    await visitor.goto(address as string);
    await expect(visitor.locator("body")).toContainText(/simulated/i);
    await visitor.close();
  });

  await test.step("read the logs", async () => {
    await expect(buyer.at("logs")).toContainText(/\S{3,}/);
  });

  await test.step("find it in the list", async () => {
    const live = page.url();
    await page.goto("/deployments");
    await expect(page.getByRole("row").filter({ hasText: "Running" })).toHaveCount(1);
    await expectAccessible(page);
    // The remaining time is given by the server's clock, whatever the browser's says.
    const late = await page.context().newPage();
    await late.clock.install({ time: Date.now() - 5 * 3_600_000 });
    await late.goto("/deployments");
    await late.clock.runFor(3_000);
    const left = late.getByRole("row").filter({ hasText: "Running" }).locator('[data-label="Time left"]');
    await expect(left).toHaveText(/^1 h 5\d min/);
    await late.close();
    await page.goto(live);
    await buyer.untilListening();
  });

  const receipt = await test.step("close", async () => {
    await buyer.close();
    const sums = await buyer.untilSettled();
    await expectAccessible(page);
    return sums;
  });

  const escrow = await escrowOf(world, wallet.address);
  expectSettled(escrow);
  expect(receipt, "the receipt says what the chain says").toEqual({
    released: escrow.released,
    refunded: escrow.refunded,
  });
  expect(escrow.released, "something was used").toBeGreaterThan(0n);
  expect(await world.chain.tokens(wallet.address), "the rest is back").toBe(before + escrow.refunded);
  await expectBalancedBooks(world);
  expect(await world.market.liveDeployments()).toEqual([]);
  expect((await world.market.deployedSdl()).at(-1), "the SDL as edited").toContain("node:22-alpine");
});

test("nobody bids: the whole deposit comes back, and one change is offered that more could host", async ({
  page,
  wallet,
  world,
}) => {
  const buyer = new Buyer(page);
  await buyer.arrive();
  await buyer.describe("a redis cache in us-west for 2 hours");
  await buyer.untilQuoted();
  await world.market.scenario("no_bids");
  await buyer.pay("buyer");
  await buyer.untilPhase("Bidding");
  await world.advance(5 * 60 + 10);
  await buyer.untilSettled();

  const escrow = await escrowOf(world, wallet.address);
  expectSettled(escrow);
  expect(escrow.released).toBe(0n);
  expect(escrow.refunded).toBe(escrow.deposited);
  await expectBalancedBooks(world);
  expect(await world.market.liveDeployments()).toEqual([]);

  const anywhere = page.getByTestId("relax").filter({ hasText: "Any region" });
  await expect(anywhere).toContainText(/\(\d+ providers\)/);
  await anywhere.click();
  await page.waitForURL(/\?order=/);
  await buyer.untilQuoted();
  expect(await world.market.liveDeployments(), "a draft is nothing that runs").toEqual([]);
});
