// Requests in numbers: every verb has a budget that is really enforced, told in the standard's headers, and kept per
// visitor.

import { beside } from "./beside.ts";
import { expect, test, type Target } from "./crowd.ts";
import { Source, many, type Answer } from "./source.ts";
import { verbs, type Verb } from "./verbs.ts";

/** After this many requests of one kind, as fast as they are answered, a client has met a limit. */
const MOST = 2_000;
/** Requests in progress at once: that many may be admitted beyond the limit. */
const AT_ONCE = 32;
/** Longest wait that an answer may ask for: a day's budget ends at midnight. */
const LONGEST_WAIT_S = 86_400;

interface Spent {
  admitted: number;
  refusal: Answer | undefined;
  seconds: number;
}

/** Repeats one request until it is refused. */
async function exhaust(source: Source, verb: Verb, origin: string, disguise: () => Record<string, string> = () => ({})): Promise<Spent> {
  const spent: Spent = { admitted: 0, refusal: undefined, seconds: 0 };
  const began = performance.now();
  const ask = async () => {
    if (spent.refusal) return;
    const headers = { ...verb.headers, ...(verb.method === "POST" ? { origin } : {}), ...disguise() };
    const answer = await source.send(verb.method, verb.path, headers, verb.body);
    if (answer.status === 429) spent.refusal ??= answer;
    else spent.admitted += 1;
  };
  await many(MOST, AT_ONCE, ask);
  spent.seconds = (performance.now() - began) / 1_000;
  return spent;
}

/** The largest number of requests that a policy such as `"page";q=100;w=60` admits in so many seconds, whenever its window begins. */
function admits(policy: string, seconds: number): number {
  const windows = policy.split(",").flatMap((one) => {
    const quota = /;\s*q=(\d+)/.exec(one)?.[1];
    const window = /;\s*w=(\d+)/.exec(one)?.[1];
    return quota && window ? [Number(quota) * (1 + Math.ceil(seconds / Number(window)))] : [];
  });
  return Math.min(...windows);
}

/** What is rare and expensive is counted for all servers together; everything else is counted by each server. */
const TOGETHER = ["describe", "sign-in", "deposit", "template"];

/** What is wrong with how a verb was limited; empty if nothing is. */
function shortcomings(verb: Verb, { admitted, refusal, seconds }: Spent, servers: number): string[] {
  if (!refusal) return [`${verb.name}: ${admitted} requests in ${seconds.toFixed(1)} s, none refused`];
  const wrong: string[] = [];
  const wait = Number(refusal.headers["retry-after"]);
  if (!Number.isInteger(wait) || wait < 1 || wait > LONGEST_WAIT_S) wrong.push(`Retry-After is ${refusal.headers["retry-after"]}`);
  const limit = String(refusal.headers["ratelimit"] ?? "");
  if (!/;\s*r=0(\D|$)/.test(limit) || !/;\s*t=\d+/.test(limit)) wrong.push(`RateLimit is ${limit || "missing"}`);
  const policy = String(refusal.headers["ratelimit-policy"] ?? "");
  const counts = TOGETHER.some((name) => policy.includes(`"${name}"`)) ? 1 : servers;
  const most = counts * admits(policy, seconds);
  if (!Number.isFinite(most)) wrong.push(`RateLimit-Policy is ${policy || "missing"}`);
  else if (admitted > most + AT_ONCE) wrong.push(`${admitted} were let in where ${policy} lets in ${Math.ceil(most)}`);
  if (refusal.text === "") wrong.push("nothing is said");
  return wrong.map((what) => `${verb.name}: ${what}`);
}

/** Every verb from an address of its own, a few at a time. */
async function all({ servers }: Target): Promise<string[]> {
  const origin = servers[0] ?? "";
  const found = await many(verbs().length, 2, async (index) => {
    const verb = verbs()[index];
    if (!verb) return [];
    const source = new Source(servers);
    // A visitor with a session: verbs that need one must be refused by their own budget, too.
    await source.get("/");
    const spent = await exhaust(source, verb, origin);
    source.leave();
    return shortcomings(verb, spent, servers.length);
  });
  return found.flat();
}

test.describe.configure({ timeout: 900_000 });

test("every verb has a budget that is kept and told", async ({ target }) => {
  const found = await beside(target.world.url, () => all(target));
  // One by one, so that the table names each.
  for (const what of found) expect.soft(what, what).toBe("as it says");
});

test("a header that anybody can write makes nobody somebody else", async ({ target }) => {
  const origin = target.servers[0] ?? "";
  const source = new Source(target.servers);
  let turn = 0;
  const disguise = (): Record<string, string> => {
    turn += 1;
    const address = `198.51.100.${turn % 250}`;
    return { "x-forwarded-for": address, "x-real-ip": address, forwarded: `for=${address}`, "cf-connecting-ip": address };
  };
  const verb: Verb = { name: "challenge", method: "POST", path: "/api/challenge", headers: { "content-type": "application/json" }, body: "{}" };
  const spent = await beside(target.world.url, () => exhaust(source, verb, origin, disguise));
  source.leave();
  expect(shortcomings(verb, spent, target.servers.length)).toEqual([]);
});

test("a new session at the same address has no new budget", async ({ target }) => {
  const origin = target.servers[0] ?? "";
  const source = new Source(target.servers);
  const verb: Verb = { name: "challenge", method: "POST", path: "/api/challenge", headers: { "content-type": "application/json" }, body: "{}" };
  let refused = false;
  await beside(target.world.url, () =>
    many(MOST, AT_ONCE, async () => {
      if (refused) return;
      source.cookie = "";
      refused = (await source.send("POST", verb.path, { ...verb.headers, origin }, verb.body)).status === 429;
    }),
  );
  source.leave();
  expect(refused, `one of ${MOST} sign-ins, each by a browser without a cookie, is refused`).toBe(true);
});

test("what one has used up, another has not", async ({ target }) => {
  const origin = target.servers[0] ?? "";
  const [greedy, other] = [new Source(target.servers), new Source(target.servers)];
  const verb: Verb = { name: "challenge", method: "POST", path: "/api/challenge", headers: { "content-type": "application/json" }, body: "{}" };
  const spent = await exhaust(greedy, verb, origin);
  const answer = await other.send("POST", verb.path, { ...verb.headers, origin }, verb.body);
  greedy.leave();
  other.leave();
  expect(spent.refusal?.status, "the greedy one is refused").toBe(429);
  expect(answer.status, "the other one is answered").not.toBe(429);
});
