// The wallet in the header of every page.

import { Buyer } from "../harness/buyer.ts";
import { expect, test } from "../harness/test.ts";

const ROUTES = ["/", "/market", "/templates", "/templates/postgres", "/auto-sign", "/deployments", "/no-such-page"] as const;

for (const route of ROUTES) {
  test(`${route}: connecting, disconnecting and connecting again`, async ({ page, wallet, pageErrors }) => {
    pageErrors.allowAnswer(404);
    const buyer = new Buyer(page);
    await page.goto(route);
    await buyer.untilListening();
    for (const _ of ["first", "second"]) {
      await buyer.connectInHeader();
      await expect(buyer.at("account")).toContainText(wallet.address.slice(2, 6), { ignoreCase: true });
      await buyer.at("account").click();
      await buyer.at("disconnect").click();
      await expect(buyer.at("account")).toHaveText("Connect");
    }
  });
}

test("the choice of a wallet opens and closes as people expect, by hand and by keyboard", async ({ page }) => {
  const buyer = new Buyer(page);
  await buyer.arrive();
  const popover = buyer.at("account-popover");
  await buyer.at("account").focus();
  await page.keyboard.press("Enter");
  await expect(popover).toBeVisible();
  await expect.poll(() => popover.evaluate((dialog) => dialog.contains(document.activeElement))).toBe(true);
  await page.keyboard.press("Escape");
  await expect(popover).toBeHidden();
  await expect(buyer.at("account")).toBeFocused();

  await buyer.at("account").click();
  await expect(popover).toBeVisible();
  await page.getByRole("heading", { level: 1 }).click();
  await expect(popover).toBeHidden();

  await buyer.connectInHeader();
  await expect(popover).toBeHidden();
  await expect(buyer.at("account")).toBeFocused();
});

test("a wallet on another network is told so in the header, and brought back from there", async ({ page, wallet }) => {
  await wallet.changeChain(page, 1);
  const buyer = new Buyer(page);
  await buyer.arrive();
  await buyer.connectInHeader();
  await expect(buyer.at("account")).toContainText("Wrong network");
  await buyer.at("account").click();
  await buyer.at("account-popover").getByTestId("switch-network").click();
  await expect(buyer.at("account")).not.toContainText("Wrong network");
  await expect(buyer.at("account-popover").getByTestId("switch-network")).toHaveCount(0);
});

test("the header's balance follows what comes and goes, and is unknown where it cannot be read", async ({ page, wallet, world }) => {
  const buyer = new Buyer(page);
  await buyer.arrive();
  const held = async () => /([\d\u2009.]+|\?) tUSDC/.exec((await buyer.at("account").textContent()) ?? "")?.[1] ?? "nothing";
  await buyer.describe("Host a static site for 3 hours");
  await buyer.untilQuoted();
  await buyer.connect();
  await buyer.signIn();
  await expect.poll(held, "a fresh account").toBe("0.00");
  await buyer.takeTestMoney();
  await expect.poll(held, "after the faucet, with nothing opened").toMatch(/[1-9]/);
  const before = await held();
  await buyer.deposit("necto");
  // Necto moves the money, and not this page: the order's own events make the header check again.
  await expect.poll(held, { message: "after the deposit", timeout: 60_000 }).not.toBe(before);
  expect(await held()).toMatch(/[1-9]/);

  // A node that does not answer: the balance is then unknown, which is not zero.
  wallet.useNode(`${world.url}/nowhere`);
  await buyer.at("account").click();
  await expect.poll(held, "nothing can be read").toBe("?");
  await expect(buyer.at("account-token")).toHaveText("not known yet");
  wallet.useNode(world.chain.rpcUrl);
  await buyer.at("account").click();
  await buyer.at("account").click();
  await expect.poll(held, "it can be read again").toMatch(/[1-9]/);
});

test("the header tells what the account holds and what was sent from it, on every page", async ({ page }) => {
  const buyer = new Buyer(page);
  await buyer.arrive();
  await buyer.describe("Host a static site for 3 hours");
  await buyer.untilQuoted();
  await buyer.connect();
  await buyer.signIn();
  await buyer.takeTestMoney();
  for (const _ of ["here", "elsewhere, after a reload"]) {
    await buyer.at("account").click();
    await expect(buyer.at("account-token")).toContainText(/[1-9].* tUSDC/);
    await expect(buyer.at("account-gas")).toContainText("ADI");
    const recent = page.getByRole("region", { name: "Recent transactions" });
    await expect(recent).toContainText("Test USDC");
    await expect(recent).toContainText("confirmed");
    await page.goto("/market");
    await buyer.untilListening();
  }
  await buyer.at("account").click();
  await buyer.at("sign-out").click();
  await expect(buyer.at("sign-out")).toHaveCount(0);
});
