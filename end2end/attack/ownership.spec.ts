// Other owners' orders: by left cookies, another wallet in the same browser, and the browser after signing out.

import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

import { Api } from "../harness/api.ts";
import { WEB_PAGE } from "../harness/headless.ts";
import { expect, test } from "./attack.ts";

const someone = () => privateKeyToAccount(generatePrivateKey());

/** The verbs that read or change an order, with their other arguments. */
const VERBS: [string, Record<string, unknown>][] = [
  ["open_order", {}],
  ["save_sdl", { text: "version: \"2.0\"" }],
  ["requote", {}],
  ["read_logs", { after: 0, limit: 10 }],
  ["update_deployment", { text: "version: \"2.0\"" }],
  ["close_deployment", {}],
  ["redeploy", {}],
  ["open_routing", {}],
];

async function expectNothing(api: Api, order: string): Promise<void> {
  for (const [verb, rest] of VERBS) {
    await expect(api.call(verb, { order, ...rest }), verb).rejects.toThrow(/: 40[14] /);
  }
  // A session that was left is asked to sign in again: that reveals nothing either.
  const list = await api.call("list_orders", {}).catch((refused: Error) => refused.message);
  expect(JSON.stringify(list)).not.toContain(order);
}

test("a draft of somebody signed in is not the browser's once they signed out", async ({ world }) => {
  const api = new Api(world.url);
  await api.signIn(someone());
  const { id } = await api.importSdl(WEB_PAGE, 3_600);
  await api.call("sign_out", {});
  await expectNothing(api, id);
});

test("another wallet in the same browser finds nothing of the first one's", async ({ world }) => {
  const api = new Api(world.url);
  await api.signIn(someone());
  const { id } = await api.importSdl(WEB_PAGE, 3_600);
  await api.signIn(someone());
  await expectNothing(api, id);
});

test("the cookie from before a sign-in reaches nothing that was made after it", async ({ world }) => {
  const victim = new Api(world.url);
  await victim.page("/");
  await victim.call("session", {});
  const left = victim.twin();
  await victim.signIn(someone());
  const { id } = await victim.importSdl(WEB_PAGE, 3_600);
  await expectNothing(left, id);
});

test("a session that was planted gives its planter nothing of who signs in there", async ({ world }) => {
  const planter = new Api(world.url);
  await planter.signIn(someone());
  const own = planter.twin();
  await planter.call("sign_out", {});
  const victim = planter.twin();
  await victim.signIn(someone());
  const { id } = await victim.importSdl(WEB_PAGE, 3_600);
  await own.signIn(someone()).catch(() => undefined);
  for (const attacker of [planter, own]) await expectNothing(attacker, id);
});
