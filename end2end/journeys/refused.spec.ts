// Unreadable input is the sender's fault, and is reported as such.

import { expect, test } from "../harness/test.ts";

const READABLE = JSON.stringify({ order: "00000000000000000000000000000000" });

test("arguments that cannot be read are refused with a status of the 400s", async ({ world, request }) => {
  const send = async (name: string, body: string | undefined, type = "application/json") => {
    const answer = await request.fetch(`${world.url}/api/${name}`, {
      method: "POST",
      headers: type === "" ? {} : { "content-type": type },
      ...(body === undefined ? {} : { data: Buffer.from(body) }),
    });
    return answer.status();
  };
  for (const name of ["requote", "save_sdl", "open_order", "describe", "sign_in"]) {
    expect(await send(name, "{"), `${name}: no JSON`).toBe(422);
    expect(await send(name, "{}"), `${name}: nothing in it`).toBe(422);
    expect(await send(name, JSON.stringify({ order: 7, text: [] })), `${name}: other types`).toBe(422);
    expect(await send(name, `"${"x".repeat(1_100_000)}"`), `${name}: too large`).toBe(413);
    expect(await send(name, READABLE, "text/plain"), `${name}: plain text`).toBe(415);
  }
  const form = "application/x-www-form-urlencoded";
  expect(await send("save_template", "name=x", form), "a form that lacks a field").toBe(422);
  expect(await send("save_template", `name=${"x".repeat(1_100_000)}`, form), "a form that is too large").toBe(413);
  expect(await send("save_template", "{}"), "JSON for a form").toBe(415);
  expect((await request.get(`${world.url}/pkg/${"x".repeat(3_000)}`)).status()).toBe(404);
});

test("a page answers with the status of what it shows", async ({ world, request }) => {
  const nobody = "0".repeat(32);
  const pages: [string, number][] = [
    ["/", 200],
    ["/auto-sign", 200],
    ["/deployments", 200],
    ["/deployments/nope", 404],
    [`/deployments/${nobody}`, 404],
    ["/?order=xyz", 404],
    [`/?order=${nobody}`, 404],
    ["/templates/no-such-template", 404],
    ["/no-such-page", 404],
    ["/favicon.ico", 200],
    ["/icons/touch.png", 200],
    ["/site.webmanifest", 200],
  ];
  for (const [path, status] of pages) {
    expect((await request.get(`${world.url}${path}`)).status(), path).toBe(status);
  }
});

test("every page has a title and a description of its own, and public ones their address", async ({ page, world }) => {
  const seen = new Set<string>();
  for (const path of ["/", "/market", "/templates", "/templates/postgres"]) {
    await page.goto(path);
    const read = (selector: string, attribute: string) => page.locator(selector).getAttribute(attribute);
    const title = await page.title();
    const description = await read("meta[name=description]", "content");
    expect(description).toBe(await read("meta[property='og:description']", "content"));
    expect(await read("link[rel=canonical]", "href")).toBe(`${world.url}${path}`);
    for (const words of [title, description ?? ""]) {
      expect(words.length, `${path}: ${words}`).toBeGreaterThan(5);
      expect(seen.has(words), `${path} repeats “${words}”`).toBe(false);
      seen.add(words);
    }
  }
  await page.goto("/deployments");
  await expect(page.locator("link[rel=canonical]")).toHaveCount(0);
  await expect(page.locator("meta[name=robots]")).toHaveAttribute("content", "noindex");
});
