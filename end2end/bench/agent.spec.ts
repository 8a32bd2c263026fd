// The time that Necto adds between a model's first token and the first step that a buyer sees: a hundred streams at
// once. The figures go to the file that NECTO_FIGURES names.

import { writeFile } from "node:fs/promises";

import { expect, test } from "@playwright/test";

import { World } from "../harness/world.ts";

const STREAMS = 100;
/** The limit, at the 95th percentile. */
const MOST_MS = 50;
/** How long the simulated model thinks before its first token: all streams are open by then. */
const FIRST_TOKEN_MS = 3000;

interface Asked {
  body: { contents: { parts: { text?: string }[] }[]; tools?: unknown };
  first_token_ms: number | null;
}

test("a hundred streams at once see their first step in time", async () => {
  const file = process.env["NECTO_FIGURES"];
  if (!file) throw new Error("NECTO_FIGURES names no file: run `cargo xtask bench --agent`");
  const world = await World.start({ model: "generate-content" });
  try {
    const sandbox = world.market.url;
    const control = { method: "POST", headers: { "content-type": "application/json" } };
    await fetch(`${sandbox}/__sim/model`, { ...control, body: JSON.stringify({ first_token_ms: FIRST_TOKEN_MS }) });
    // A stream is identified by its number of hours.
    const sentences = Array.from({ length: STREAMS }, (_, at) => `a redis cache for ${at + 2} hours`);
    const seen = await Promise.all(sentences.map((sentence) => firstRemark(world.url, sentence)));
    const journal = (await (await fetch(`${sandbox}/__sim/model`)).json()) as { asked: Asked[] };
    const added = sentences.map((sentence, at) => {
      const asked = journal.asked.find((one) => !one.body.tools && one.body.contents[0]?.parts[0]?.text === sentence);
      if (!asked?.first_token_ms) throw new Error(`the model was not asked: ${sentence}`);
      return (seen[at] as number) - asked.first_token_ms;
    });
    added.sort((a, b) => a - b);
    const at = (part: number) => Math.max(0, added[Math.min(STREAMS - 1, Math.ceil(STREAMS * part) - 1)] as number);
    const figures = [
      { part: `first token to first step, ${STREAMS} streams at once, median`, milliseconds: at(0.5) },
      { part: "the same, p95", milliseconds: at(0.95) },
      { part: "the same, longest", milliseconds: at(1) },
    ];
    await writeFile(file, JSON.stringify(figures, null, 2));
    expect(at(0.95)).toBeLessThanOrEqual(MOST_MS);
  } finally {
    await world.stop();
  }
});

/** When the model's first remark arrives, in milliseconds since 1970. Reads on to the end. */
async function firstRemark(url: string, sentence: string): Promise<number> {
  const answer = await fetch(`${url}/api/describe`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: url },
    body: JSON.stringify({ ask: { kind: "words", text: sentence } }),
  });
  if (!answer.ok || !answer.body) throw new Error(`describe: ${answer.status} ${await answer.text()}`);
  let first: number | undefined;
  let text = "";
  const decoder = new TextDecoder();
  for await (const piece of answer.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(piece, { stream: true });
    if (first === undefined && text.includes('"considered"')) first = Date.now();
  }
  if (first === undefined) throw new Error(`no remark of the model's: ${text}`);
  return first;
}
