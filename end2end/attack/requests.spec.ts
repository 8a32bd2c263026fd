// Requests that no page of Necto sends: from other sites, in other content types, with other methods.

import { expect, raw, test } from "./attack.ts";

/** The content type that a function accepts: JSON, or a plain form. */
const language = (name: string) =>
  /_plain$|^use_template$/.test(name) ? "application/x-www-form-urlencoded" : "application/json";

const FUNCTIONS = ["describe", "save_sdl", "prepare_deposit", "close_deployment", "sign_out", "arm_policy", "describe_plain", "use_template"];

test("another site's requests are refused", async ({ world }) => {
  for (const name of FUNCTIONS) {
    for (const headers of [
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { origin: "https://evil.example" },
      { origin: "null" },
    ] as Record<string, string>[]) {
      const response = await fetch(`${world.url}/api/${name}`, {
        method: "POST",
        headers: { "content-type": language(name), ...headers },
        body: "{}",
      });
      expect(response.status, `${name} ${JSON.stringify(headers)}`).toBe(403);
      expect(await response.text()).not.toBe("");
    }
  }
});

test("functions take their own language and their own method only", async ({ world }) => {
  for (const name of FUNCTIONS) {
    for (const type of ["text/plain", "multipart/form-data; boundary=x"]) {
      const response = await fetch(`${world.url}/api/${name}`, {
        method: "POST",
        headers: { "content-type": type, origin: world.url },
        body: "{}",
      });
      expect(response.status, `${name} as ${type}`).toBe(415);
    }
    for (const method of ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
      const response = await fetch(`${world.url}/api/${name}`, { method, headers: { origin: world.url } });
      expect(response.status, `${method} ${name}`).toBe(405);
    }
  }
});

test("methods and addresses that nothing is for leave the server as it was", async ({ world }) => {
  const host = new URL(world.url).host;
  for (const line of [
    `CONNECT ${host} HTTP/1.1`,
    "TRACE / HTTP/1.1",
    "OPTIONS * HTTP/1.1",
    "QUERY / HTTP/1.1",
    "GET /../../etc/passwd HTTP/1.1",
    "GET /%00 HTTP/1.1",
    "GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1",
  ]) {
    const answer = await raw(world.url, `${line}\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    expect(answer, line).toMatch(/^HTTP\/1\.1 40\d /);
    expect(answer, line).not.toContain("root:");
  }
  expect((await fetch(`${world.url}/healthz`)).status).toBe(200);
  expect(world.serverLog()).not.toContain("panicked at");
});

test("a page whose name leads here gets nothing of this server", async ({ world }) => {
  const answer = await raw(
    world.url,
    `GET / HTTP/1.1\r\nHost: evil.example\r\nOrigin: http://evil.example\r\nConnection: close\r\n\r\n`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 421 /);
  expect(answer).toContain("No site of that name is here.");
  expect(answer).not.toContain("<html");
});

test("reports of the policy are counted and nothing of them is kept", async ({ world }) => {
  const send = (type: string, body: string) =>
    fetch(`${world.url}/csp-reports`, { method: "POST", headers: { "content-type": type }, body });
  const hostile = "evil-marker\n{directive=\"x\"} 9";
  const report = JSON.stringify({ "csp-report": { "effective-directive": hostile, "blocked-uri": hostile } });
  expect((await send("application/csp-report", report)).status).toBe(204);
  expect((await send("text/plain", report)).status).toBe(415);
  expect((await send("application/csp-report", "x".repeat(1 << 20))).status).toBe(413);
  const metrics = await (await fetch(`${world.url}/metrics`)).text();
  expect(metrics).toMatch(/necto_policy_reports_total\{directive="other"\} [1-9]/);
  expect(metrics + world.serverLog()).not.toContain("evil-marker");
});
