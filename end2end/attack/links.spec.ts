// Links and forms of other sites that try to spend a visitor's money or act on their behalf.

import { Buyer } from "../harness/buyer.ts";
import { readAbi } from "../harness/chain.ts";
import { expect, raw, test } from "./attack.ts";

/** Words that leave nothing open that affects cost or image. */
const STATED = "Host a static site for 1 hour";

test("words that came with a link are not paid for, however little they cost", async ({ page, wallet, world }) => {
  await world.chain.giveTokens(wallet.address);
  await world.chain.giveGas(wallet.address);
  const { escrow, usdc } = world.chain.contracts;
  await world.chain.sendAs(wallet.key, usdc, readAbi("TestnetUSDC"), "approve", [escrow, 5_000_000n]);
  await world.chain.sendAs(wallet.key, escrow, readAbi("AkashEscrow"), "keep", [5_000_000n]);
  const buyer = new Buyer(page);
  await buyer.openAutoSign();
  await buyer.signPolicy("20", "20");
  await page.goto(`/?say=${encodeURIComponent(STATED)}`);
  await buyer.untilListening();
  await expect(buyer.at("sentence")).toHaveValue(STATED);
  await buyer.at("send").click();
  await buyer.untilQuoted();
  await expect(buyer.at("auto-sign-asks")).toContainText("came with a link");
  const escrows = (await world.chain.escrows()).filter(({ buyer: who }) => who === wallet.address);
  expect(escrows, "nothing was paid").toEqual([]);
});

test("a link makes nothing by itself", async ({ page }) => {
  const sent: string[] = [];
  page.on("request", (request) => void (request.method() === "POST" && sent.push(new URL(request.url()).pathname)));
  for (const link of ["/deploy?template=redis", "/?say=run%20nginx", "/templates/redis", "/market?gpu=h100"]) {
    await page.goto(link);
    await new Buyer(page).untilListening();
  }
  expect(sent.filter((path) => /describe|use_template|save|prepare|sign_in/.test(path))).toEqual([]);
  await page.goto("/deployments");
  await expect(page.getByRole("row")).toHaveCount(0);
});

test("a form that fails leads to a page of this server, whatever page it says it came from", async ({ world }) => {
  const host = new URL(world.url).host;
  for (const referer of ["javascript:alert(1)", "https://evil.example/", "//evil.example/", "data:text/html,x"]) {
    const body = "template=nothing";
    const answer = await raw(
      world.url,
      `POST /api/use_template HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${world.url}\r\nAccept: text/html\r\nReferer: ${referer}\r\n` +
        `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    );
    expect(answer, referer).toMatch(/^HTTP\/1\.1 303 /);
    expect(answer, referer).toMatch(/\nlocation: \/[^/\\]/i);
  }
});
