// axe-core on the current page.

import axe from "axe-core";
import { expect, type Page } from "@playwright/test";

/** WCAG 2.2 AA, as far as a tool can check it. */
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** Milliseconds without a change after which a page counts as at rest; its clocks tick once a second. */
const REST_MS = 300;

/** Fails with every violation, each with the elements that it concerns. */
export async function expectAccessible(page: Page): Promise<void> {
  await untilAtRest(page);
  // Evaluated through the debugger, to which the page's content security policy does not apply.
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async (tags) => {
    const run = (window as unknown as { axe: typeof import("axe-core") }).axe.run;
    const results = await run(document, { runOnly: { type: "tag", values: tags } });
    return results.violations.map(
      (violation) =>
        `${violation.id}: ${violation.help}\n` +
        violation.nodes.map((node) => `    ${node.target.join(" ")}  ${node.failureSummary ?? ""}`).join("\n"),
    );
  }, TAGS);
  expect(violations.join("\n"), `axe on ${page.url()}`).toBe("");
}

/** Waits until the page stops changing: axe fails on elements that are removed while it runs. */
async function untilAtRest(page: Page): Promise<void> {
  await page.evaluate(
    (restMs) =>
      new Promise<void>((resolve) => {
        let timer = setTimeout(done, restMs);
        const observer = new MutationObserver(() => {
          clearTimeout(timer);
          timer = setTimeout(done, restMs);
        });
        function done() {
          observer.disconnect();
          resolve();
        }
        observer.observe(document, { subtree: true, childList: true });
      }),
    REST_MS,
  );
}
