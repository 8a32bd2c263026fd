// The draft as text and as a form: one document, with help while it is written.

import { readFile } from "node:fs/promises";

import { expectAccessible } from "../harness/accessibility.ts";
import { Buyer } from "../harness/buyer.ts";
import { expect, test } from "../harness/test.ts";

/** Ends where a model is to be named. */
const UNFINISHED = `services: [
profiles:
  compute:
    big:
      resources:
        gpu:
          units: 1
          attributes:
            vendor:
              nvidia:
                - model: `;

test("text and form are one document, and only the lines that must change do", async ({ page }) => {
  const buyer = new Buyer(page);
  await buyer.arrive();
  await buyer.describe("Host a Node.js app with 2 CPUs and 4 GB of memory for 3 hours");
  await buyer.untilQuoted();
  const form = buyer.at("draft-form");
  await expect(buyer.at("compare")).toBeVisible();
  const written = await buyer.sdl();

  await form.getByLabel("Memory").fill("6144 Mi");
  await form.getByLabel("Memory").press("Enter");
  await expect(form.getByLabel("Memory")).toHaveValue("6Gi");
  expect(await buyer.sdl()).toBe(written.replace("size: 4Gi", "size: 6Gi"));

  await form.getByLabel("vCPU").fill("plenty");
  await form.getByLabel("vCPU").press("Tab");
  await expect(form.getByRole("alert")).toContainText("vCPUs like 4 or 0.5");
  await form.getByLabel("vCPU").fill("3");
  await form.getByLabel("Add a variable").fill("GREETING=hällo = 😀");
  await form.getByLabel("Add a variable").press("Enter");
  await expect(form.getByLabel("GREETING", { exact: true })).toHaveValue("hällo = 😀");
  await form.getByRole("button", { name: "Remove variable NODE_ENV" }).click();
  await expect(form.getByLabel("NODE_ENV", { exact: true })).toHaveCount(0);
  await expect(form.getByLabel("Add a variable")).toBeFocused();
  expect(await buyer.sdl()).not.toContain("NODE_ENV");

  // The other way: what is written appears in the form, and what cannot be read does not disturb it.
  await buyer.writeSdl((await buyer.sdl()).replace("count: 1", "count: 5 # enough"));
  await expect(form.getByLabel("Copies")).toHaveValue("5");
  await page.keyboard.insertText("\nunclosed: [");
  await expect(form).toContainText("cannot be read now");
  await expect(form.getByLabel("Copies")).toBeDisabled();
  await page.keyboard.press("Shift+Home");
  await page.keyboard.press("Backspace");
  await expect(form.getByLabel("Copies")).toBeEnabled();
  await expectAccessible(page);

  const editor = buyer.at("sdl-editor");
  await editor.getByText("image", { exact: true }).hover();
  await expect(editor.locator(".cm-key-help")).toContainText("services.web.image");
  await page.mouse.move(0, 0);

  await buyer.at("compare").click();
  await expect(editor.locator(".cm-deletedChunk").filter({ hasText: "4Gi" })).toBeVisible();
  await editor.locator(".cm-deletedChunk").filter({ hasText: "4Gi" }).getByRole("button", { name: "Put back" }).click();
  await expect(form.getByLabel("Memory")).toHaveValue("4Gi");
  await expectAccessible(page);

  await editor.locator(".cm-content").press("ControlOrMeta+s");
  await buyer.untilPriceIsUpToDate();
  await expect(editor.locator(".cm-deletedChunk")).toHaveCount(0);
  const stored = await buyer.sdl();
  await buyer.reload();
  expect(await buyer.sdl()).toBe(stored);
  expect(stored).toContain("count: 5 # enough");
});

test("the editor explains, completes, mends, finds and folds by keyboard alone", async ({ page }) => {
  const buyer = new Buyer(page);
  await buyer.arrive();
  await buyer.describe("Host a static site for 3 hours");
  await buyer.untilQuoted();
  await expect(buyer.at("compare")).toBeVisible();
  const good = await buyer.sdl();
  const editor = buyer.at("sdl-editor");

  // Models come from the market, and an unreadable document is no obstacle.
  await buyer.writeSdl(UNFINISHED);
  await page.keyboard.press("Control+Space");
  const options = editor.getByRole("option");
  await expect(options.filter({ hasText: /^h100$/ })).toBeVisible();
  await page.keyboard.type("rtx40");
  await expect(options).toHaveText([/^rtx40\d\d/]);
  await expectAccessible(page);
  await page.keyboard.press("Enter");
  await expect(editor.locator(".cm-content")).toContainText(/model: rtx40\d\d/);

  // Help for the key at the cursor.
  await page.keyboard.press("F1");
  await expect(editor.locator(".cm-key-help")).toContainText("profiles.compute.big.resources.gpu.attributes");
  await page.keyboard.press("Escape");
  await expect(editor.locator(".cm-key-help")).toHaveCount(0);

  // A fix, from the list of findings that opens by keyboard: the underlined letter applies it.
  await buyer.writeSdl(`# ü😀\n${good.replace("global: true", "globle: true")}`);
  await expect(buyer.findings()).toContainText("globle");
  await page.keyboard.press("ControlOrMeta+Shift+M");
  await expect(editor.getByRole("listbox")).toContainText("globle");
  await page.keyboard.press("ArrowDown");
  await expect(editor.locator('.cm-panel-lint [aria-selected="true"]')).toContainText("globle");
  const letter = await editor.locator(".cm-panel-lint .cm-diagnosticAction u").first().textContent();
  await page.keyboard.press(letter ?? "");
  await expect(buyer.findings()).toContainText("Valid on Akash");
  expect(await buyer.sdl()).toBe(`# ü😀\n${good}`);
  await editor.locator(".cm-content").press("ControlOrMeta+z");
  await expect(buyer.findings()).toContainText("globle");

  await editor.locator(".cm-content").press("ControlOrMeta+f");
  await page.keyboard.type("globle");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  await page.keyboard.type("global");
  await expect(buyer.findings()).toContainText("Valid on Akash");

  await page.keyboard.press("Control+Alt+[");
  await expect(editor.locator(".cm-foldPlaceholder").first()).toBeVisible();
  await page.keyboard.press("Control+Alt+]");
  await expect(editor.locator(".cm-foldPlaceholder")).toHaveCount(0);

  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  await expect(editor.locator(".cm-content")).not.toBeFocused();
});

test("line ends stay as they were written", async ({ page }) => {
  const buyer = new Buyer(page);
  await buyer.arrive();
  await buyer.describe("Host a Node.js app with 2 CPUs and 4 GB of memory for 3 hours");
  await buyer.untilQuoted();
  const written = (await buyer.sdl()).replaceAll("\n", "\r\n");
  // A text area cannot produce such line ends: they come with what a program sends.
  await page.evaluate(async (text) => {
    const order = new URL(location.href).searchParams.get("order");
    const headers = { "content-type": "application/json", accept: "application/json" };
    const answer = await fetch("/api/save_sdl", { method: "POST", headers, body: JSON.stringify({ order, text }) });
    if (!answer.ok) throw new Error(await answer.text());
  }, written);
  await buyer.reload();
  await expect(buyer.at("compare")).toBeVisible();

  const form = buyer.at("draft-form");
  await form.getByLabel("Memory").fill("6Gi");
  await form.getByLabel("Memory").press("Enter");
  const content = buyer.at("sdl-editor").locator(".cm-content");
  await content.press("ControlOrMeta+End");
  await page.keyboard.type("# mine");
  await content.press("ControlOrMeta+s");
  await buyer.untilPriceIsUpToDate();

  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download the SDL" }).click();
  const file = await readFile(await (await download).path(), "utf8");
  expect(file).toBe(`${written.replace("size: 4Gi", "size: 6Gi")}# mine`);
});
