// The tab may close at any time: the page is only a window on what the server knows.

import { escrowOf, expectSettled } from "../harness/books.ts";
import { Buyer } from "../harness/buyer.ts";
import { expect, test } from "../harness/test.ts";

test("a reload at every step loses nothing", async ({ page, wallet, world }) => {
  const buyer = new Buyer(page);
  await buyer.arrive();
  await buyer.describe("Host a static site for 3 hours");
  await buyer.untilQuoted();
  const sdl = await buyer.sdl();
  const price = await buyer.at("deposit-amount").innerText();

  await buyer.reload();
  await buyer.untilQuoted();
  expect(await buyer.sdl()).toBe(sdl);
  expect(await buyer.at("deposit-amount").innerText()).toBe(price);

  await buyer.connect();
  await buyer.reload();
  await buyer.signIn();
  await expect(buyer.at("get-test-usdc")).toBeVisible();
  await buyer.reload();
  await buyer.takeTestMoney();
  await buyer.reload();
  await buyer.deposit("buyer");
  await buyer.untilPaid();

  await buyer.untilPhase("Bidding");
  await buyer.reload();
  await buyer.acceptBestBid();
  await buyer.reload();
  await buyer.untilPhase("Active");
  await buyer.reload();
  await expect(buyer.at("logs")).toContainText(/\S{3,}/);
  await buyer.close();
  await buyer.reload();
  await buyer.untilSettled();
  await buyer.reload();
  await buyer.untilSettled();

  expectSettled(await escrowOf(world, wallet.address));
  expect(await world.market.liveDeployments()).toEqual([]);
});

test("pages asked for side by side come whole, each time", async ({ page, context, baseURL }) => {
  const buyer = new Buyer(page);
  await buyer.arrive();
  await buyer.describe("Host a static site for 3 hours");
  await buyer.untilQuoted();
  const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  const paths = [new URL(page.url()).search, "market", "templates", "deployments"];

  // A page is made on one thread of the server and dropped on another, sometimes: what cannot bear that shows here.
  const asks = Array.from({ length: 120 }, (_, index) => `${baseURL}/${paths[index % paths.length]}`);
  const ask = async () => {
    for (let url = asks.pop(); url !== undefined; url = asks.pop()) {
      const answer = await fetch(url, { headers: { cookie } });
      expect(answer.status, url).toBe(200);
      // An answer that breaks off makes `text` throw.
      expect((await answer.text()).includes("</html>"), url).toBe(true);
    }
  };
  await Promise.all([ask(), ask(), ask(), ask(), ask(), ask()]);
});
