// axe-core on the page as it stands.

import axe from "axe-core";
import { expect, type Page } from "@playwright/test";

/** WCAG 2.2 AA, as far as a machine can tell. */
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** Fails with every violation, each with the elements it is about. */
export async function expectAccessible(page: Page): Promise<void> {
  // Evaluated through the debugger, which the page's content security policy does not concern.
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
