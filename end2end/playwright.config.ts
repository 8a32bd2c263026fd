import { defineConfig } from "@playwright/test";

/** Chromium as the distribution packages it; Playwright's own download is not used. */
const chromium = process.env["NECTO_CHROMIUM"] ?? "/usr/bin/chromium";

/** In a log, the passed tests would hide the failed ones. */
const shown = process.stdout.isTTY ? "list" : "dot";

export default defineConfig({
  outputDir: "test-results",
  // A journey waits for blocks, confirmations and bids: seconds of real time each, even when all is well.
  timeout: 180_000,
  expect: { timeout: 20_000 },
  fullyParallel: true,
  workers: Number(process.env["NECTO_JOURNEY_WORKERS"] ?? 2),
  retries: 0,
  forbidOnly: true,
  reporter: process.env["PLAYWRIGHT_JSON_OUTPUT_NAME"] ? [[shown], ["json"]] : [["list"]],
  use: {
    actionTimeout: 15_000,
    navigationTimeout: 30_000,
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
    viewport: { width: 1440, height: 900 },
    launchOptions: {
      executablePath: chromium,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
      ],
    },
  },
  projects: [
    { name: "journeys", testDir: "journeys" },
    { name: "attack", testDir: "attack", timeout: 240_000, use: { trace: "off", screenshot: "off" } },
    { name: "bench", testDir: "bench", workers: 1, timeout: 600_000 },
    { name: "soak", testDir: "soak", workers: 1, use: { trace: "off", screenshot: "off" } },
    // Continued after a failure: every row has a result.
    { name: "faults", testDir: "faults", timeout: 240_000, use: { trace: "off", screenshot: "off" } },
  ],
});
