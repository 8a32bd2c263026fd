// The server's secrets stay on the server: no key in any page, script, header, error or log.

import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

import { Buyer } from "../harness/buyer.ts";
import { siteEnvironment } from "../harness/settings.ts";
import { expect, test } from "../harness/test.ts";

test("no key appears in anything a browser receives or the server logs", async ({ page, pageErrors, world }) => {
  const received: Promise<string>[] = [];
  page.on("response", (response) => {
    const head = JSON.stringify(response.headers());
    received.push(
      response.text().then(
        (body) => `${response.url()}\n${head}\n${body}`,
        // Redirects and cancelled streams have no body; their content is in the header.
        () => `${response.url()}\n${head}`,
      ),
    );
  });
  const buyer = new Buyer(page);
  await buyer.arrive();
  await buyer.describe("Host a static site for 3 hours");
  await buyer.untilQuoted();
  await page.goto("/deployments");
  pageErrors.allowAnswer(404);
  await page.goto("/no-such-page");

  const texts = await Promise.all(received);
  expect(texts.length).toBeGreaterThan(5);
  for (const secret of world.secrets) {
    for (const text of texts) {
      expect(text.includes(secret), `a key in ${text.split("\n", 1)[0]}`).toBe(false);
    }
    expect(world.serverLog().includes(secret), "a key in the server's log").toBe(false);
  }
});

test("no key is in the files of the browser part", async ({ world }) => {
  const root = siteEnvironment()["NECTO_SITE_ROOT"] as string;
  for (const name of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!name.isFile()) continue;
    const content = await readFile(join(name.parentPath, name.name), "latin1");
    for (const secret of world.secrets) expect(content.includes(secret), name.name).toBe(false);
  }
});

test("every page is served under a policy without exceptions", async ({ world }) => {
  for (const path of ["/", "/deployments", "/no-such-page"]) {
    const response = await fetch(world.url + path);
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy, path).toMatch(/script-src [^;]*'nonce-/);
    expect(policy, path).not.toMatch(/'unsafe-inline'|'unsafe-eval'/);
    expect(policy, `${path}: objects, and whatever else is not named`).toContain("default-src 'none'");
    expect(policy, path).not.toContain("object-src");
    expect(policy, path).toContain("base-uri 'none'");
    expect(policy, path).toContain("frame-ancestors 'none'");
    expect(await response.text(), "no inline style, which the policy would refuse").not.toMatch(/\sstyle="/);
  }
});

test("a request from another site changes nothing", async ({ world }) => {
  const response = await fetch(`${world.url}/api/close_deployment`, {
    method: "POST",
    headers: {
      origin: "https://elsewhere.example",
      "sec-fetch-site": "cross-site",
      "content-type": "application/json",
    },
    body: JSON.stringify({ order: "0".repeat(32) }),
  });
  expect(response.status).toBe(403);
});
