// Every page for all readers: phone and desktop, light and dark, with the keyboard alone.

import { expectAccessible } from "../harness/accessibility.ts";
import { Buyer } from "../harness/buyer.ts";
import { expect, test } from "../harness/test.ts";

const SIZES = [
  { name: "phone", viewport: { width: 360, height: 740 } },
  { name: "desk", viewport: { width: 1440, height: 900 } },
] as const;

for (const { name, viewport } of SIZES) {
  for (const colorScheme of ["light", "dark"] as const) {
    test.describe(`${name}, ${colorScheme}`, () => {
      test.use({ viewport, colorScheme });

      test("the pages fit and axe finds nothing", async ({ page, pageErrors }) => {
        // One of them is a page that does not exist.
        pageErrors.allowAnswer(404);
        const buyer = new Buyer(page);
        await buyer.arrive();
        await expectFits(buyer);
        await expectAccessible(page);

        await buyer.describe("Train a model on one RTX 4090 for 4 hours");
        await buyer.untilQuoted();
        await expectFits(buyer);
        await expectAccessible(page);

        for (const path of ["/deployments", "/no-such-page"]) {
          await page.goto(path);
          await expectFits(buyer);
          await expectAccessible(page);
        }
      });
    });
  }
}

test("a quote can be had with the keyboard alone", async ({ page }) => {
  const buyer = new Buyer(page);
  await buyer.arrive();
  await tabTo(buyer, "sentence");
  await page.keyboard.type("Run a Redis cache for 6 hours");
  await tabTo(buyer, "send");
  await page.keyboard.press("Enter");
  await buyer.untilQuoted();
  await tabTo(buyer, "connect-wallet");
});

test("a request can be sent before, or without, any script", async ({ browser, world }) => {
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL: world.url });
  const page = await context.newPage();
  await page.goto("/");
  await page.getByTestId("sentence").fill("Host a static site for 3 hours");
  await page.getByTestId("send").click();
  await expect(page.getByTestId("quote")).toBeVisible();
  await expect(page.getByTestId("sdl-editor").locator("textarea").first()).toHaveValue(/version:/);
  await context.close();
});

/** Nothing may require horizontal scrolling. */
async function expectFits(buyer: Buyer): Promise<void> {
  const excess = await buyer.page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(excess, `pixels beyond the edge of ${buyer.page.url()}`).toBeLessThanOrEqual(0);
}

/** Presses Tab until the element has the focus; in the editor, where Tab indents, Escape comes first. */
async function tabTo(buyer: Buyer, id: string): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    const reached = await buyer.at(id).first().evaluate((element) => element.contains(document.activeElement));
    if (reached) return;
    await buyer.page.keyboard.press("Escape");
    await buyer.page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not reach ${id}`);
}
