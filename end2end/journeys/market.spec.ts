// The market: one table of all venues, its state in the address, and the reason for each row's position.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

import { expectAccessible } from "../harness/accessibility.ts";
import { Buyer } from "../harness/buyer.ts";
import { expect, test } from "../harness/test.ts";

test("the market is filtered, ordered, explained and taken away, and the address holds it all", async ({ page }) => {
  await page.goto("/market?gpu=h100");
  const offers = page.getByTestId("offer");
  await expect(offers.first()).toContainText(/h100/i);
  await expect(page.getByTestId("recommendation")).toContainText("an hour");
  await expect(page.getByTestId("recommendation")).toContainText("per GPU-hour");
  await expect(page.getByRole("list", { name: "Venues" })).toContainText("io.net");

  await page.getByLabel("Exclude").selectOption("spot");
  await expect(page).toHaveURL(/without=spot/);
  await expect(page.getByRole("cell", { name: "spot", exact: true })).toHaveCount(0);
  await page.getByLabel("Search").fill("vast");
  await expect(page).toHaveURL(/q=vast/);
  await expect(offers.first()).toContainText("Vast.ai");
  await page.getByRole("button", { name: "$/GPU-h" }).click();
  await expect(page.getByRole("columnheader", { name: "$/GPU-h" })).toHaveAttribute("aria-sort", "descending");
  const shown = await offers.first().textContent();
  await page.reload();
  await expect(offers.first()).toContainText(shown?.slice(0, 12) ?? "");

  await page.getByRole("button", { name: /: why / }).first().click();
  const grounds = page.getByRole("dialog", { name: "Why this rank" });
  await expect(grounds).toContainText("The score decides the recommendation only");
  await expect(grounds).toContainText("not known, counts half");
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(grounds).toBeHidden();

  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "CSV" }).click();
  const file = await readFile(await (await download).path(), "utf8");
  expect(file.split("\r\n")[0]).toContain("usd_per_gpu_hour");
  expect(file).toContain("vast-ai");
  expect(file).not.toContain("spot,");
});

test("a name that no card has and a limit that is none are said, and stay as they are written", async ({ page }) => {
  await page.goto("/market?gpu=h10");
  await expect(page.getByTestId("unknown-card")).toContainText("No GPU is called h10.");
  const offers = page.getByTestId("offer");
  await expect(offers).toHaveCount(0);
  await expectAccessible(page);
  await page.getByTestId("unknown-card").getByRole("link", { name: "H100", exact: true }).click();
  await expect(offers.first()).toContainText(/h100/i);

  const most = page.getByLabel("At most, $/GPU-h");
  await most.fill("1,304.53");
  await most.blur();
  const problem = page.getByText("“1,304.53” is not an amount of dollars");
  await expect(problem).toBeVisible();
  await expectAccessible(page);
  await page.reload();
  await expect(most).toHaveValue("1,304.53");
  await expect(problem).toBeVisible();
  await most.fill("25");
  await most.blur();
  await expect(problem).toBeHidden();
  await expect(page).toHaveURL(/most=25/);
});

test("only rows in view are drawn, prices come in while the place is kept, and what is held back is named", async ({ page }) => {
  await page.goto("/market?all=1");
  const offers = page.getByTestId("offer");
  await expect(page.getByTestId("market-summary")).toContainText(/^[3-9]\d\d offers/);
  const table = page.getByRole("table").first();
  await expect.poll(async () => Number(await table.getAttribute("aria-rowcount"))).toBeGreaterThan(300);
  await page.evaluate(() => window.scrollTo(0, 8000));
  await expect.poll(async () => Number(await offers.first().getAttribute("aria-rowindex"))).toBeGreaterThan(100);
  expect(await offers.count()).toBeLessThan(90);
  await page.getByText(/offers? hidden/).click();
  await expect(page.getByTestId("quarantine")).toContainText("h100_pcie_cheap");
  await page.getByText("Token prices").click();
  const token = (symbol: string) => page.locator(`[data-token=${symbol}]`);
  await expect(token("AKT")).toContainText("verified");
  await expect(token("AKT")).toContainText("Used for settling.");
  await expect(token("IO")).toContainText("quote leg verified");
  await expect(token("NOS")).toContainText("unverified");
  await expect(token("NOS")).toContainText("Not used for settling: only one source has a price.");
  await token("SOL").getByText("Sources").click();
  await expect(token("SOL")).toContainText(/SOL \/ USD by chainlink on Ethereum at 0x[0-9a-f]{40}, round \d+/i);
  await page.getByText("Render work, in OctaneBench hours").click();
  await expect(page.getByTestId("render-work")).toContainText("in no ranking here");
  // Rows that pass under the table's header cannot be clicked: at the top of the page, none is there.
  await page.evaluate(() => window.scrollTo(0, 0));
  await expectAccessible(page);
});

test("what is known of a row, and what is not, is said", async ({ page, world }) => {
  const grounds = page.getByRole("dialog", { name: "Why this rank" });
  const open = async () => {
    // Until the page's own code has taken over, a press is lost.
    await expect(async () => {
      await page.getByRole("button", { name: /: why / }).first().click();
      await expect(grounds).toBeVisible({ timeout: 1_000 });
    }).toPass();
    return grounds;
  };
  await page.goto("/market?venue=aws-spot&gpu=h100&cards=8&all=1&q=p5.48xlarge");
  await expect(await open()).toContainText(/Rented whole: \$[\d.]+ an hour for 8 cards/);
  await expect(grounds).toContainText("AWS Spot Advisor");
  await expect(grounds).toContainText(/collecting|administered|around its mean/);
  await expect(grounds.getByRole("link", { name: "Rent at AWS Spot" })).toHaveAttribute(
    "href",
    /InstanceTypeDetails:instanceType=p5\.48xlarge$/,
  );
  await page.keyboard.press("Escape");
  // Hosts are measured in the background, and shown with the next rows.
  await world.advance(61);
  await expect(page.getByRole("cell", { name: /^\d+ ms$/ }).first()).toBeVisible();

  await page.goto("/market?venue=aws-spot&all=1&q=g6f");
  await expect(await open()).toContainText("0.125 of a card, not a whole one");
  await expect(grounds).toContainText("It does not fit");
  await page.keyboard.press("Escape");
  await page.goto("/market?venue=lambda&all=1&q=gpu_8x_h100");
  await expect(await open()).toContainText("Lambda cannot be opened with a shape selected: select gpu_8x_h100");
  await page.keyboard.press("Escape");
  await page.goto("/market?venue=nosana&all=1");
  await expect(await open()).toContainText(/NOS\$[\d.]+, unverified; /);
});

test("hardware that its owner lists is deployable here, and leaves with its approval", async ({ page, world }) => {
  const [seller] = await world.market.sellers();
  if (!seller) throw new Error("the sandbox plays no seller");
  const id = await world.list(seller);
  await page.goto("/market?venue=necto");
  // The register is read two blocks deep, and again when its rows are a minute old.
  await world.chain.mine(2);
  await world.advance(61);
  const offer = page.getByTestId("offer");
  await expect(offer).toHaveCount(1);
  await expect(offer).toContainText("Necto providers");
  await expect(offer).toContainText("sim");
  await page.getByRole("button", { name: /: why / }).click();
  const grounds = page.getByRole("dialog", { name: "Why this rank" });
  await expect(grounds).toContainText(`$${seller.usd_per_hour}/h`);
  const link = grounds.getByRole("link", { name: "Deploy with Necto" });
  const address = (await link.getAttribute("href")) ?? "";
  await page.keyboard.press("Escape");
  await world.delist(id);
  await world.chain.mine(2);
  await world.advance(61);
  await expect(offer).toHaveCount(0);

  const buyer = new Buyer(page);
  await page.goto(address);
  await buyer.untilListening();
  await expect(buyer.at("sentence")).toHaveValue(new RegExp(`from ${seller.account}$`));
  await buyer.at("send").click();
  await buyer.untilQuoted();
  const ends = `${seller.account.slice(0, 10)}…${seller.account.slice(-4)}`;
  await expect(page.locator(".chip", { hasText: "Only from" })).toContainText(ends);
  await expect(page.getByTestId("routing")).toContainText("Only this provider’s bid will be taken.");
});

test("an order's decision can be taken away, and is the one its hash names", async ({ page }) => {
  const buyer = new Buyer(page);
  await buyer.arrive();
  await buyer.at("sentence").fill("one H100 for training for 3 hours");
  await buyer.at("send").click();
  await buyer.untilQuoted();
  const routing = page.getByTestId("routing");
  await expect(routing).toContainText("H100");
  const download = page.waitForEvent("download");
  await routing.getByRole("link", { name: "Decision document" }).click();
  const document = await readFile(await (await download).path());
  const digest = createHash("sha256").update(document).digest("hex");
  await expect(routing.locator("[data-hash]")).toHaveAttribute("data-hash", `0x${digest}`);
  const { version, offers, choice } = JSON.parse(document.toString()) as {
    version: number;
    offers: object[];
    choice: { offer: string };
  };
  expect(version).toBe(2);
  expect(offers.length).toBeGreaterThan(300);
  expect(choice.offer).not.toBe("");

  await expect(routing).toContainText("Every provider on Akash may bid, and the best bid counts.");
  await buyer.at("only-this-provider").click();
  await expect(routing).toContainText("Only this provider’s bid will be taken.");
  await expect(page.locator(".chip", { hasText: "Only from" })).toContainText(/akash1\w{4}…\w{4}/);
});

test("a row keeps its place and the keyboard while cheaper offers come in above it", async ({ page, world }) => {
  let cheaper = 0;
  // Prices of the market move by themselves: from the first full one on, only additions move rows.
  let full: { offers: { id: string }[]; whole: number } | undefined;
  await page.route("**/api/market", async (route) => {
    const response = await route.fetch();
    const now = (await response.json()) as { offers: { id: string }[]; whole: number };
    if (!full && now.offers.length > 300) full = now;
    const board = structuredClone(full ?? now);
    const cheapest = [...board.offers].sort((a, b) => price(a) - price(b))[0];
    for (let at = 0; at < cheaper; at += 1) board.offers.push({ ...cheapest, id: `! ${at}` } as { id: string });
    await route.fulfill({ response, json: board });
  });
  await page.goto("/market?all=1");
  await expect(page.getByTestId("market-summary")).toContainText(/^[3-9]\d\d offers/);
  const numbers = () => page.getByTestId("offer").evaluateAll((rows) => rows.map((row) => Number(row.ariaRowIndex)));
  // Which row is where depends on the content above the table; it is enough that the first drawn one is far from the
  // top.
  const first = async () => {
    await page.evaluate(() => window.scrollTo(0, 6000));
    return Math.min(...(await numbers()));
  };
  await expect.poll(first).toBeGreaterThan(30);
  const id = await page.getByTestId("offer").nth(16).getAttribute("data-offer");
  const row = page.locator(`tr[data-offer=${JSON.stringify(id)}]`);
  await row.getByRole("button").focus();
  const before = { y: (await row.boundingBox())?.y, number: Number(await row.getAttribute("aria-rowindex")) };

  cheaper = 7;
  await world.advance(61);
  await expect(row).toHaveAttribute("aria-rowindex", `${before.number + cheaper}`);
  await expect.poll(async () => (await row.boundingBox())?.y).toBe(before.y);
  await expect(row.getByRole("button")).toBeFocused();
});

/** Dollars for one GPU and hour, from the board. */
function price(offer: object): number {
  return Number((offer as { usd_per_gpu_hour: string | number }).usd_per_gpu_hour);
}
