// The tab may close at any time: the page only shows what the server knows.

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

test("pages asked for side by side come whole and with nothing of another's, whoever goes away", async ({ page, context, baseURL, world }) => {
  const buyer = new Buyer(page);
  await buyer.arrive();
  await buyer.describe("Host a static site for 3 hours");
  await buyer.untilQuoted();
  const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  const paths = [new URL(page.url()).search, "market", "templates", "deployments", ""];

  // A page is rendered on several threads of the server, beside others: what belongs to it must be found on each of
  // them.
  const preloads = new Map(paths.map((path) => [path, new Set<number>()]));
  const asks = Array.from({ length: 240 }, (_, number) => number);
  const ask = async () => {
    for (let number = asks.pop(); number !== undefined; number = asks.pop()) {
      const path = paths[number % paths.length] as string;
      // Every third one leaves before it has its answer, sooner or later.
      const going = number % 3 === 0 ? AbortSignal.timeout(1 + (number % 40)) : null;
      try {
        const answer = await fetch(`${baseURL}/${path}`, { headers: { cookie }, signal: going });
        expect(answer.status, path).toBe(200);
        // An answer that breaks off makes `text` throw.
        const text = await answer.text();
        expect(text.includes("</html>"), path).toBe(true);
        preloads.get(path)?.add(text.match(/rel="(module)?preload"/g)?.length ?? 0);
      } catch (error) {
        if (!going?.aborted) throw error;
      }
    }
  };
  await Promise.all([ask(), ask(), ask(), ask(), ask(), ask()]);
  for (const [path, counts] of preloads) expect(counts.size, `${path} asks for ${[...counts]} files`).toBe(1);
  expect(world.serverLog()).not.toContain("panicked at");
});
