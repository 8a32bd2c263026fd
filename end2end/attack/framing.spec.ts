// Where a request ends, for which host it is, and how it is delimited: what a proxy and the server could see
// differently.

import { raw } from "./attack.ts";
import { expect, test } from "./crowd.ts";

/** The status of every answer in what came back. */
const statuses = (answer: string) => [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

test("a message has one length", async ({ target }) => {
  const { url } = target.world;
  const { host } = new URL(url);
  const head = `POST /api/session HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${url}\r\nContent-Type: application/json\r\n`;
  const smuggled = `GET /smuggled HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  const chunked = `2\r\n{}\r\n0\r\n\r\n`;
  const cases: Record<string, string> = {
    "two lengths": `${head}Content-Length: 2\r\nContent-Length: ${2 + smuggled.length}\r\n\r\n{}${smuggled}`,
    "a list of lengths": `${head}Content-Length: 2, ${2 + smuggled.length}\r\n\r\n{}${smuggled}`,
    "a length with a sign": `${head}Content-Length: +2\r\n\r\n{}`,
    "a length and chunks": `${head}Content-Length: ${chunked.length + smuggled.length}\r\nTransfer-Encoding: chunked\r\n\r\n${chunked}${smuggled}`,
    "chunks that are not the last coding": `${head}Transfer-Encoding: chunked, identity\r\n\r\n${chunked}${smuggled}`,
    "a header folded over two lines": `${head}X-A: b\r\n Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}`,
    "a space before the colon": `${head}Transfer-Encoding : chunked\r\nContent-Length: 2\r\n\r\n{}`,
  };
  for (const [name, text] of Object.entries(cases)) {
    const answers = statuses(await raw(url, text));
    const [first] = answers;
    // Refused, or read by its chunks alone with the connection closed: never a second answer for what followed.
    const framed = name === "a length and chunks" ? answers.length <= 1 : answers.length === 1 && first !== undefined && first >= 400 && first < 500;
    expect.soft(framed, `${name}: ${answers.join(", ") || "no answer"}`).toBe(true);
  }
});

// A request without a host name, as monitors send, is answered by any server: no page can send one.
test("requests for other hosts reach no route", async ({ target }) => {
  const { url } = target.world;
  const { host, port } = new URL(url);
  const get = (rest: string, line = "GET / HTTP/1.1") => raw(url, `${line}\r\n${rest}Connection: close\r\n\r\n`);
  const cases: Record<string, string> = {
    "another name": await get("Host: evil.example\r\n"),
    "another name with our port": await get(`Host: evil.example:${port}\r\n`),
    "ours as a part": await get(`Host: ${host}.evil.example\r\n`),
    "ours as a user": await get(`Host: ${host}@evil.example\r\n`),
    "an empty one": await get("Host: \r\n"),
    "two": await get(`Host: ${host}\r\nHost: evil.example\r\n`),
    "another in the address": await get(`Host: ${host}\r\n`, "GET http://evil.example/ HTTP/1.1"),
    "another, behind a forwarded one of ours": await get(`Host: evil.example\r\nX-Forwarded-Host: ${host}\r\n`),
  };
  for (const [name, answer] of Object.entries(cases)) {
    const [status] = statuses(answer);
    expect.soft([400, 421], `${name}: ${status}`).toContain(status);
    expect.soft(answer, `${name} sets a cookie`).not.toMatch(/\nset-cookie:/i);
  }
  const forged = await get(`Host: ${host}\r\nX-Forwarded-Host: evil.example\r\n`);
  expect(statuses(forged)).toEqual([200]);
  expect(forged, "a forwarded host is written into the page").not.toContain("evil.example");
});

test("CONNECT and methods that no route has leave no trace", async ({ target }) => {
  const { url } = target.world;
  const { host } = new URL(url);
  for (const line of [
    ...["127.0.0.1:22", "evil.example:443", host, "/", "*", "http://evil.example/"].map((to) => `CONNECT ${to} HTTP/1.1`),
    ...["TRACE", "TRACK", "OPTIONS", "PROPFIND", "PURGE", "QUERY", "get", "X".repeat(200)].map((method) => `${method} / HTTP/1.1`),
    "OPTIONS * HTTP/1.1",
    "GET HTTP/1.1",
    "GET / HTTP/9.9",
    "GET / / HTTP/1.1",
  ]) {
    const [status = 0] = statuses(await raw(url, `${line}\r\nHost: ${host}\r\nConnection: close\r\n\r\n`));
    expect.soft(status >= 400 && status < 506 && status !== 500, `${line.slice(0, 60)}: ${status || "no answer"}`).toBe(true);
  }
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect(target.world.serverLog()).not.toContain("panicked at");
});
