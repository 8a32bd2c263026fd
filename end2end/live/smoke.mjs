// The smoke test against the real outside world: that the addresses, shapes and units on which Necto relies are still
// valid.
//
// Reads only, and costs nothing, unless `--deploy` is given: then it creates the smallest possible deployment, waits
// for a bid, accepts none, and closes it again. Settings:
//   NECTO_LIVE_CONSOLE_KEY   key of a Console account (required)
//   NECTO_LIVE_CONSOLE_URL   Console API, the public one by default
//   NECTO_LIVE_CHAIN_RPC     node of ADI Testnet
//   NECTO_LIVE_STORAGE_RPC   node of the 0G testnet

const key = process.env.NECTO_LIVE_CONSOLE_KEY;
const console_url = process.env.NECTO_LIVE_CONSOLE_URL ?? "https://console-api.akash.network";
const chain_rpc = process.env.NECTO_LIVE_CHAIN_RPC ?? "https://rpc.ab.testnet.adifoundation.ai/";
const storage_rpc = process.env.NECTO_LIVE_STORAGE_RPC ?? "https://evmrpc-testnet.0g.ai";
const deploys = process.argv.includes("--deploy");

/** The most US dollars that a smoke deployment may lock up, and hours that it may live if closing it fails. */
const DEPOSIT_USD = 0.5;
const LIFETIME_HOURS = 1;
const BIDS_WITHIN_MS = 120_000;

if (!key) {
  console.error("NECTO_LIVE_CONSOLE_KEY is not set");
  process.exit(1);
}

let passed = 0;
let failed = 0;

/** Runs one check; a failing one does not stop the others. */
async function check(name, run) {
  try {
    const found = await run();
    passed += 1;
    console.log(`ok      ${name}${found === undefined ? "" : `: ${found}`}`);
  } catch (error) {
    failed += 1;
    // The key is sent in a header and never in an address, but what others answer cannot be trusted.
    console.log(`FAILED  ${name}: ${String(error.message).replaceAll(key, "***")}`);
  }
}

async function request(method, path, body) {
  const response = await fetch(console_url + path, {
    method,
    headers: { "x-api-key": key, "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(60_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text.slice(0, 300)}`);
  return JSON.parse(text);
}

async function rpc(url, method, params = []) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    signal: AbortSignal.timeout(30_000),
  });
  const reply = await response.json();
  if (reply.error) throw new Error(reply.error.message);
  return reply.result;
}

function expect(holds, otherwise) {
  if (!holds) throw new Error(otherwise);
}

await check("Console: GPU prices", async () => {
  const { models } = await request("GET", "/v1/gpu-prices");
  expect(Array.isArray(models) && models.length > 0, "no models in the answer");
  return `${models.length} models`;
});

await check("Console: the key is accepted and deployments are listed", async () => {
  const { data } = await request("GET", "/v1/deployments?skip=0&limit=1");
  expect(Array.isArray(data?.deployments), "no deployments in the answer");
});

await check("Console: prices of CPU, memory and storage", async () => {
  const answer = await request("POST", "/v1/pricing", { cpu: 1000, memory: 1073741824, storage: 1073741824 });
  expect(typeof (answer.akash ?? answer[0]?.akash) === "number", "no price for Akash in the answer");
});

await check("ADI Testnet: chain id and blocks", async () => {
  const id = Number(await rpc(chain_rpc, "eth_chainId"));
  expect(id === 99_999, `the node is of chain ${id}`);
  return `block ${Number(await rpc(chain_rpc, "eth_blockNumber"))}`;
});

await check("0G testnet: the node answers", async () => {
  return `chain ${Number(await rpc(storage_rpc, "eth_chainId"))}`;
});

if (deploys) {
  await check("Console: a deployment is created, gets a bid and is closed", deployAndClose);
} else {
  console.log("skipped: a real deployment (give --deploy)");
}

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

async function deployAndClose() {
  const sdl = `version: "2.0"
services:
  web:
    image: nginx:1.27
    expose:
      - port: 80
        as: 80
        to:
          - global: true
profiles:
  compute:
    web:
      resources:
        cpu:
          units: 0.1
        memory:
          size: 128Mi
        storage:
          - size: 128Mi
  placement:
    any:
      pricing:
        web:
          denom: uact
          amount: 1000
deployment:
  web:
    any:
      profile: web
      count: 1
`;
  const created = await request("POST", "/v1/deployments", {
    data: { sdl, deposit: DEPOSIT_USD, name: "necto-smoke", runtimeLimitHours: LIFETIME_HOURS },
  });
  const { dseq } = created.data;
  try {
    const deadline = Date.now() + BIDS_WITHIN_MS;
    for (;;) {
      const { data: bids } = await request("GET", `/v1/bids?dseq=${dseq}`);
      const open = bids.filter(({ bid }) => bid.state === "open").length;
      if (open > 0) return `deployment ${dseq}, ${open} bids`;
      expect(Date.now() < deadline, `no bid for deployment ${dseq}`);
      await new Promise((resolve) => setTimeout(resolve, 3_000));
    }
  } finally {
    await request("DELETE", `/v1/deployments/${dseq}`);
  }
}
