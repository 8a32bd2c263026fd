// Text from outside that tries to be markup, rendered by a real browser.

import { Buyer } from "../harness/buyer.ts";
import { ALL, expect, findings, test } from "./attack.ts";
import { CORPUS } from "./corpus.ts";

const PLACES = ["/?say=", "/?order=", "/?__err=", "/market?gpu=", "/templates?q=", "/templates/", "/deploy?template=", "/deployments/", "/nothing/"];

test("words of an address are drawn as words", async ({ page, pageErrors }) => {
  pageErrors.allowAnswer(400, 404, 422);
  for (const place of PLACES) {
    for (const text of [...CORPUS, ALL]) {
      await page.goto(place + encodeURIComponent(text));
      expect(await page.evaluate(findings), `${place} with ${text}`).toEqual([]);
    }
  }
  // The field contains exactly what the link said: line breaks as fields have them.
  await page.goto(`/?say=${encodeURIComponent(`\n${ALL}`)}`);
  await new Buyer(page).untilListening();
  await expect(page.getByTestId("sentence")).toHaveValue(`\n${ALL}`);
});

test("what is stored is drawn as it was written", async ({ page }) => {
  const buyer = new Buyer(page);
  await buyer.arrive();
  const words = `Run the image nginx:1.27 on port 80 for 2 hours ${ALL}`;
  await buyer.describe(words);
  await buyer.untilQuoted();
  const draft = page.url();
  await buyer.writeSdl(`\n${await buyer.sdl()}\n# ${ALL.replaceAll(/[\n\u2028]/g, " ")}\n`);
  await buyer.storeSdl();
  for (const path of [draft, draft.replace("/?order=", "/deployments/"), "/deployments", "/"]) {
    await page.goto(path);
    expect(await page.evaluate(findings), path).toEqual([]);
    await buyer.untilListening();
    expect(await page.evaluate(findings), `${path}, awake`).toEqual([]);
  }
});

test("a page's policy refuses what an injection would need", async ({ page, pageErrors }) => {
  pageErrors.allow(/content security policy|trusted/i);
  const response = await page.goto("/");
  const policy = response?.headers()["content-security-policy"] ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).toMatch(/script-src 'nonce-[^']+' 'strict-dynamic' 'wasm-unsafe-eval';/);
  const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? "";
  const readable = await page.evaluate(
    (nonce) => [...document.querySelectorAll("*")].filter((one) => one.outerHTML.split(">")[0]?.includes(nonce)).map((one) => one.localName),
    nonce,
  );
  expect(readable, "elements on which styles could read the nonce").toEqual([]);
  const refused = await page.evaluate(() => {
    const tries: Record<string, () => unknown> = {
      "markup with a handler": () => (document.body.appendChild(document.createElement("p")).innerHTML = "<img src=x onerror=1>"),
      "markup with a script": () => (document.body.appendChild(document.createElement("p")).innerHTML = "<script>1</script>"),
      "markup that leads elsewhere": () => (document.body.appendChild(document.createElement("p")).innerHTML = '<form action="https://evil.example">'),
      "a link that runs": () => (document.body.appendChild(document.createElement("p")).innerHTML = '<a href="javascript:1">a</a>'),
      "a script's address": () => (document.createElement("script").src = "/pkg/necto.js"),
      "a text that is run": () => setTimeout("1"),
      "another policy": () => (window as unknown as { trustedTypes: { createPolicy(name: string, of: object): unknown } }).trustedTypes.createPolicy("evil", {}),
    };
    return Object.entries(tries).flatMap(([name, attempt]) => {
      try {
        attempt();
        return [name];
      } catch {
        return [];
      }
    });
  });
  expect(refused, "what was allowed").toEqual([]);
});
