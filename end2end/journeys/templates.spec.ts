// From a template to a draft: looked at first, through a link, and without scripts.

import { expectAccessible } from "../harness/accessibility.ts";
import { Buyer } from "../harness/buyer.ts";
import { expect, test } from "../harness/test.ts";

test("a template is found, looked at and used, and the address holds the search", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("link", { name: "start from a template" }).click();
  await expect(page).toHaveURL(/\/templates$/);
  await page.getByLabel("Search").fill("database");
  await expect(page).toHaveURL(/q=database/);
  const found = page.getByTestId("template");
  await expect(found.filter({ hasText: "PostgreSQL" })).toHaveCount(1);
  await expect(found.filter({ hasText: "Static site" })).toHaveCount(0);
  await page.getByLabel("Category").selectOption("Databases");
  await expect(page).toHaveURL(/category=Databases/);
  await page.reload();
  await expect(page.getByTestId("template-count")).toContainText(/^\d of \d+ templates/);
  await expectAccessible(page);

  await found.filter({ hasText: "PostgreSQL" }).getByRole("link").click();
  await expect(page).toHaveURL(/\/templates\/postgres$/);
  await expect(page.getByTestId("template-verdict")).toContainText("Passes the checks");
  await expect(page.getByTestId("template-cost")).toContainText("an hour");
  await expect(page.getByTestId("template-about")).toContainText("Choose POSTGRES_PASSWORD");
  await expect(page.getByTestId("template-sdl")).toContainText("image: postgres:17.2-alpine");
  await expectAccessible(page);

  await page.getByTestId("use-template").click();
  const buyer = new Buyer(page);
  await buyer.untilQuoted();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Template: PostgreSQL");
  await expect(page.locator(".chips")).toContainText("PostgreSQL");
});

test("a deep link makes a draft that survives connecting, signing in and a reload", async ({ page }) => {
  const buyer = new Buyer(page);
  await page.goto("/deploy?template=vue");
  await buyer.untilQuoted();
  await expect(page).toHaveURL(/\/\?order=/);
  const draft = page.url();
  await buyer.connect();
  await buyer.signIn();
  await expect(buyer.at("get-test-usdc")).toBeVisible();
  await page.reload();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Template: Vue");
  expect(page.url()).toBe(draft);

  const response = await page.goto("/deploy?template=nothing");
  expect(response?.status()).toBe(404);
  await expect(page.getByRole("alert")).toHaveText("There is no template “nothing”. Choose one from the list of templates.");
});

test("templates are read and used without scripts", async ({ browser, world }) => {
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL: world.url });
  const page = await context.newPage();
  await page.goto("/templates?q=redis");
  await expect(page.getByTestId("template").filter({ hasText: "Redis" })).toHaveCount(1);
  await page.goto("/deploy?template=redis");
  await page.getByRole("button", { name: "Use this template" }).click();
  await expect(page).toHaveURL(/\/\?order=/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Template: Redis");
  await context.close();
});
