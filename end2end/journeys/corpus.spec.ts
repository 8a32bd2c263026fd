// Files that are deployed in practice: submitted over the API, paid for, run and closed.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createWalletClient, defineChain, http, parseAbi } from "viem";
import { privateKeyToAccount } from "viem/accounts";

import { Api, quotedDeposit, stateOf, type OrderSeen } from "../harness/api.ts";
import { expectBalancedBooks } from "../harness/books.ts";
import { CHAIN_ID, FUNDED_KEY } from "../harness/chain.ts";
import { expect, test } from "../harness/test.ts";
import type { World } from "../harness/world.ts";

/** What a file is about; each kind has to be among those deployed. */
const KINDS = {
  gpu: (text: string) => /^\s+gpu:/m.test(text),
  "IP endpoint": (text: string) => /^\s+kind: ip\b/m.test(text),
  "persistent storage": (text: string) => /persistent: ["']?true/.test(text),
  "several services": (text: string) => (text.match(/^\s+image:/gm) ?? []).length > 1,
  database: (text: string) => /image: .*(postgres|mysql|mariadb|mongo|redis|couchdb|influxdb)/.test(text),
  web: (text: string) => /global: true/.test(text) && !/^\s+gpu:/m.test(text),
} as const;

/** The minimum number that is deployed of each kind, and in total. */
const OF_EACH_KIND = 2;
const IN_ALL = 20;
/** Micro-USDC: more expensive orders would empty the faucet's daily share. */
const DEAREST = 60_000_000n;
const HOUR = 3_600;
const GAS = 900_000n;

test("twenty real files are deployed over the API and closed, every unit accounted for", async ({ world }) => {
  const shared = process.env["NECTO_SHARED"];
  const folder = join(shared ?? "", "sdl/corpus/awesome");
  const present = shared !== undefined && existsSync(folder);
  if (!present) console.log("skipped: no corpus of SDL files (NECTO_SHARED)");
  test.skip(!present, "no corpus of SDL files (NECTO_SHARED)");
  test.setTimeout(420_000);

  const api = new Api(world.url);
  const buyer = privateKeyToAccount(FUNDED_KEY);
  await api.signIn(buyer);
  const send = await sender(world, FUNDED_KEY);
  await send({ to: world.chain.contracts.usdc, abi: "drip" });

  const chosen = await choose(api, distinctFiles(folder));
  for (const { order } of chosen) {
    const { approve, fund } = await api.prepareDeposit(order.id);
    await send(approve);
    await send(fund);
  }

  const ran: string[] = [];
  for (const { name, order } of chosen) {
    const seen = await until(api, order.id, name, (state) => ["active", "settled", "needs_human"].includes(state));
    expect(stateOf(seen), `${name}: ${JSON.stringify(seen.state)}`).toBe("active");
    await api.close(order.id);
    ran.push(name);
  }
  for (const { name, order } of chosen) {
    const seen = await until(api, order.id, name, (state) => ["settled", "needs_human"].includes(state));
    expect(stateOf(seen), name).toBe("settled");
  }

  expect(new Set(ran).size).toBeGreaterThanOrEqual(IN_ALL);
  await expectBalancedBooks(world);
  expect(await world.market.liveDeployments()).toEqual([]);
});

interface Chosen {
  name: string;
  text: string;
  order: OrderSeen;
}

/** The first files of each kind that are priced, filled up with others. */
async function choose(api: Api, files: { name: string; text: string }[]): Promise<Chosen[]> {
  const chosen: Chosen[] = [];
  const tried = new Set<string>();
  const take = async (wanted: number, fits: (text: string) => boolean) => {
    const have = () => chosen.filter(({ text }) => fits(text)).length;
    for (const { name, text } of files) {
      if (have() >= wanted) return;
      if (tried.has(name) || !fits(text)) continue;
      tried.add(name);
      // Guessable secrets are not paid for: such files are deployed with secrets of their own.
      const safe = await api.withSecrets(text);
      if (safe === undefined) continue;
      const order = await api.importSdl(safe, HOUR);
      const deposit = quotedDeposit(order);
      if (deposit !== undefined && deposit <= DEAREST) chosen.push({ name, text: safe, order });
    }
  };
  for (const [kind, fits] of Object.entries(KINDS)) {
    await take(OF_EACH_KIND, fits);
    expect(chosen.filter(({ text }) => fits(text)).length, kind).toBeGreaterThanOrEqual(OF_EACH_KIND);
  }
  await take(IN_ALL, () => true);
  expect(chosen.length).toBeGreaterThanOrEqual(IN_ALL);
  return chosen;
}

function distinctFiles(folder: string): { name: string; text: string }[] {
  const seen = new Set<string>();
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }))
    .filter(({ text }) => {
      const hash = createHash("sha256").update(text).digest("hex");
      return seen.has(hash) ? false : seen.add(hash);
    });
}

/** Sends transactions one after the other without waiting for blocks: their order is that of their nonces. */
async function sender(world: World, key: typeof FUNDED_KEY) {
  const chain = defineChain({
    id: CHAIN_ID,
    name: "local",
    nativeCurrency: { name: "ADI", symbol: "ADI", decimals: 18 },
    rpcUrls: { default: { http: [world.chain.rpcUrl] } },
  });
  const account = privateKeyToAccount(key);
  const wallet = createWalletClient({ account, chain, transport: http(world.chain.rpcUrl) });
  let nonce = await world.chain.client.getTransactionCount({ address: account.address });
  return async (call: { to: `0x${string}`; data: `0x${string}` } | { to: `0x${string}`; abi: "drip" }) => {
    if ("data" in call) {
      await wallet.sendTransaction({ to: call.to, data: call.data, gas: GAS, nonce: nonce++ });
    } else {
      await wallet.writeContract({
        address: call.to,
        abi: parseAbi(["function drip() returns (uint256)"]),
        functionName: "drip",
        gas: GAS,
        nonce: nonce++,
      });
    }
  };
}

async function until(api: Api, id: string, name: string, reached: (state: string) => boolean): Promise<OrderSeen> {
  let seen = await api.order(id);
  await expect
    .poll(
      async () => {
        seen = await api.order(id);
        return reached(stateOf(seen)) || `${name} is ${stateOf(seen)}: ${seen.notice ?? ""} ${rejections(seen)}`;
      },
      { timeout: 90_000, intervals: [500] },
    )
    .toBe(true);
  return seen;
}

/** Why no bid was accepted. */
function rejections(seen: OrderSeen): string {
  return seen.bids.map(({ rejected }) => rejected ?? "acceptable").join(", ");
}
