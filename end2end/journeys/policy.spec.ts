// The content security policy, with Trusted Types, for everything that is loaded later.

import type { Page } from "@playwright/test";

import { Buyer } from "../harness/buyer.ts";
import { expect, test } from "../harness/test.ts";

/** Collects what the policy refuses, starting before the page's first script. */
async function violations(page: Page): Promise<string[]> {
  const seen: string[] = [];
  await page.exposeFunction("__policyRefused", (what: string) => void seen.push(what));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      const report = (window as unknown as { __policyRefused(what: string): void }).__policyRefused;
      report(`${event.effectiveDirective}: ${event.blockedURI} ${event.sample} at ${event.sourceFile}:${event.lineNumber}`);
    });
  });
  return seen;
}

test("nothing that Necto loads, draws or calls is against its own policy", async ({ page, world }) => {
  const refused = await violations(page);
  const buyer = new Buyer(page);
  await buyer.arrive();
  // Each part is rendered by the browser, starting from the previous part: the server's rendering is not used at all.
  for (const [link, place] of [
    ["Market", "/market"],
    ["Templates", "/templates"],
    ["Deployments", "/deployments"],
  ] as const) {
    await page.getByRole("banner").getByRole("link", { name: link }).first().click();
    await expect(page).toHaveURL(new RegExp(`${place}$`));
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  }
  await page.goto("/");
  await buyer.untilListening();
  await buyer.describe("Run the image nginx:1.27 on port 80 for 2 hours");
  await buyer.untilQuoted();
  await expect(page.locator(".cm-editor").first()).toBeVisible();
  const draft = page.url();
  // And each as the server rendered it.
  for (const path of ["/", "/market", "/templates", "/templates/redis", "/deploy?template=redis", "/auto-sign", draft, draft.replace("/?order=", "/deployments/")]) {
    await page.goto(path);
    await buyer.untilListening();
    await page.waitForLoadState("networkidle").catch(() => undefined);
  }
  expect(refused).toEqual([]);
  const metrics = await (await fetch(`${world.url}/metrics`)).text();
  expect(metrics).toContain('necto_policy_reports_total{directive="script-src-elem"} 0');
});

test("what the policy refuses is reported, and only counted", async ({ page, pageErrors, world }) => {
  pageErrors.allow(/content security policy|trusted/i);
  const refused = await violations(page);
  await page.goto("/");
  await page.evaluate(() => {
    const script = document.createElement("p");
    try {
      script.innerHTML = "<img src=x onerror=alert(1)>";
    } catch {
      document.body.append("refused");
    }
  });
  await expect(page.locator("body")).toContainText("refused");
  await expect.poll(() => refused.length).toBeGreaterThan(0);
  // Browsers send reports at their own discretion, and this one is started without that feature: the test sends one.
  const sent = await page.evaluate(async () => {
    const body = { effectiveDirective: "require-trusted-types-for", disposition: "enforce" };
    const report = [{ type: "csp-violation", age: 0, url: location.href, user_agent: navigator.userAgent, body }];
    const answer = await fetch("/csp-reports", {
      method: "POST",
      headers: { "content-type": "application/reports+json" },
      body: JSON.stringify(report),
    });
    return answer.status;
  });
  expect(sent).toBe(204);
  const counted = async () => {
    const metrics = await (await fetch(`${world.url}/metrics`)).text();
    return Number(/directive="require-trusted-types-for"\} (\d+)/.exec(metrics)?.[1] ?? "0");
  };
  await expect.poll(counted, { timeout: 30_000 }).toBeGreaterThan(0);
});
