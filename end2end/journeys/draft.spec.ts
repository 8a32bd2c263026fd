// From words or an SDL to a price: faults are reported at once, in one place, and nothing is lost.

import { Buyer } from "../harness/buyer.ts";
import { WEB_PAGE } from "../harness/headless.ts";
import { expect, test } from "../harness/test.ts";

test("an empty sentence is answered beside the field", async ({ page }) => {
  const buyer = new Buyer(page);
  await buyer.arrive();
  await buyer.at("send").click();
  await expect(page.getByRole("alert")).toContainText("Say what to run");
  await expect(page).toHaveURL(/\/$/);
});

test("a mistake in the SDL is found while typing, and the price waits until it is mended", async ({ page }) => {
  const buyer = new Buyer(page);
  await buyer.arrive();
  await buyer.describe("Host a static site for 3 hours");
  await buyer.untilQuoted();
  const good = await buyer.sdl();
  // The cost of the text is shown while it is written: 1,000 uact per block are 60 cents an hour.
  const cost = buyer.at("draft-cost");
  await buyer.writeSdl(good.replace(/amount: .*/, "amount: 1000"));
  await expect(cost).toContainText("The SDL allows $0.6000 an hour. Necto’s maximum comes with the price.");
  await expect(cost).toContainText(/AWS\s*\$\d+\.\d\d/);
  await buyer.writeSdl(good.replace("global: true", "globle: true"));
  await expect(cost).toHaveCount(0);
  await expect(buyer.findings()).toContainText("Akash would refuse this");
  await expect(buyer.findings()).toContainText("globle");

  // It is kept, and never priced: the button is off and says why.
  await expect(buyer.at("save-sdl")).toBeDisabled();
  await expect(buyer.at("draft-standing")).toContainText("Akash would refuse this draft. Put right the 2 things");
  await buyer.untilKept();
  await buyer.reload();
  await expect.poll(() => buyer.sdl(), "the faulty text is kept").toContain("globle: true");

  await buyer.writeSdl(good);
  await expect(buyer.findings()).toContainText("Valid on Akash");
  await buyer.untilPriceIsUpToDate();
  await buyer.untilQuoted();
});

test("an SDL of one's own is checked, priced and kept as it is", async ({ page }) => {
  const buyer = new Buyer(page);
  await buyer.arrive();
  await page.getByText("Bring your own SDL").click();
  await buyer.at("sdl-paste").fill(WEB_PAGE);
  await buyer.at("sdl-hours").fill("5");
  await buyer.at("sdl-send").click();
  await buyer.untilQuoted();
  expect((await buyer.sdl()).trim()).toBe(WEB_PAGE.trim());
});

test("what is no SDL is refused in one sentence", async ({ page }) => {
  const buyer = new Buyer(page);
  await buyer.arrive();
  await page.getByText("Bring your own SDL").click();
  await buyer.at("sdl-paste").fill("services: [unclosed");
  await buyer.at("sdl-send").click();
  await expect(buyer.findings()).toContainText("Akash would refuse this");
  await expect(buyer.at("deposit-amount")).toHaveCount(0);
});

test("what nobody can host is not sold", async ({ page, world }) => {
  const buyer = new Buyer(page);
  await buyer.arrive();
  await world.market.switchProviders(false);
  try {
    await buyer.describe("Host a static site for 3 hours");
    await expect(page.getByRole("region", { name: "Draft" }).locator(".notice")).toContainText(/provider/);
    expect(await buyer.sdl(), "the draft is kept").toContain("version:");
    await expect(buyer.at("deposit-amount")).toHaveCount(0);
    await expect(buyer.at("connect-wallet")).toHaveCount(0);
  } finally {
    await world.market.switchProviders(true);
  }
  await page.getByRole("button", { name: "Refresh the price" }).first().click();
  await buyer.untilQuoted();
});

test("a wish that rules everybody out comes with the change that helps", async ({ page }) => {
  const buyer = new Buyer(page);
  await buyer.arrive();
  await buyer.describe("Train a model on 8 H200 GPUs with 4000 GB of memory each for 2 hours");
  const relax = buyer.at("relax").first();
  await expect(relax).toContainText(/\(\d+ providers?\)/);
  await expect(buyer.at("deposit-amount")).toHaveCount(0);
  await relax.click();
  await buyer.untilQuoted();
});

test("an old price is not taken: it is asked for again", async ({ page, world }) => {
  const buyer = new Buyer(page);
  await buyer.arrive();
  await buyer.describe("Host a static site for 3 hours");
  await buyer.untilQuoted();
  await buyer.connect();
  await buyer.signIn();
  await buyer.takeTestMoney();
  await world.advance(3_600);
  await buyer.reload();
  await expect(buyer.at("deposit-amount")).toHaveCount(0);
  await page.getByRole("button", { name: "Refresh the price" }).first().click();
  await buyer.untilQuoted();
  await buyer.deposit("necto");
  await buyer.untilPaid();
  await buyer.untilPhase("Active");
  await buyer.close();
  await buyer.untilSettled();
});
