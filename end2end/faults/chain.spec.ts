// Rows 1 to 9, 13 and 33: the chain forgets, its node lies or falls silent, transactions get lost.

import { setTimeout as pause } from "node:timers/promises";
import type { Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";

import { Api } from "../harness/api.ts";
import { escrowOf } from "../harness/books.ts";
import { FUNDED_KEY } from "../harness/chain.ts";
import { Headless } from "../harness/headless.ts";
import type { Lie, RpcCall } from "../harness/rpc-proxy.ts";
import type { World } from "../harness/world.ts";
import { expectAllIsWell } from "./invariants.ts";
import { close, live, liveOn, reaches, type Plot } from "./life.ts";
import { expect, test } from "./world.ts";

const CLOSED: Plot = { runs: true, whenActive: close };

/** The positions of deposit and salt among the words of the terms. */
const [DEPOSIT, SALT] = [3, 9] as const;

/** Deep enough for a reorganisation to happen between seeing and counting. */
const PATIENT = { NECTO_CHAIN_CONFIRMATIONS: "12" };

async function closeAndExpectWell(world: World, buyer: Headless, order: string, deposit: bigint): Promise<void> {
  await reaches(world, order, ["active"]);
  await buyer.api.close(order);
  await reaches(world, order, ["settled"]);
  await expectAllIsWell(world, { buyer, order, deposit, deaths: [] }, true);
}

for (const depth of [1, 3, 8]) {
  test(`row 1: a reorganisation ${depth} deep drops the deposit before it counts`, async ({ world }) => {
    const buyer = await Headless.arrive(world);
    const { id: order, deposit } = await buyer.order();
    await world.restartServer(PATIENT);
    const { approve, fund } = await buyer.api.prepareDeposit(order);
    await buyer.send(approve);
    await pause(8_500);
    await buyer.send(fund);
    await world.chain.call("anvil_reorg", [depth, []]);
    await pause(14_000);
    expect((await world.database.order(order)).state_name, "I1: nothing is deployed").toBe("awaiting_deposit");
    expect(await world.market.deploymentsNamed(`necto-${order}`)).toEqual([]);
    await world.restartServer();
    await buyer.send(fund);
    await closeAndExpectWell(world, buyer, order, deposit);
  });
}

test("row 2: a deep reorganisation drops the deposit of what runs: it is closed, and an operator told", async ({ world }) => {
  const buyer = await Headless.arrive(world);
  const { id: order } = await buyer.order();
  const { approve, fund } = await buyer.api.prepareDeposit(order);
  await buyer.send(approve);
  const before = Number(await world.chain.client.getBlockNumber());
  await buyer.send(fund);
  await reaches(world, order, ["active"]);
  const depth = Number(await world.chain.client.getBlockNumber()) - before;
  await world.chain.call("anvil_reorg", [depth, []]);
  for (let look = 0; look < 40 && (await world.database.order(order)).state_name !== "needs_human"; look++) {
    await world.advance(20);
    await pause(1_000);
  }
  expect((await world.database.order(order)).state_name).toBe("needs_human");
  expect(await world.market.liveDeployments(), "exposure ends").toEqual([]);
  expect((await world.database.order(order)).state).toContain("no longer on the chain");
  expect((await buyer.api.page("/operator")).status, "I6: the buyer is no operator").toBe(403);
  const operator = new Api(world.url);
  await operator.signIn(privateKeyToAccount(FUNDED_KEY));
  const page = await operator.page("/operator");
  expect([page.status, page.text.includes(order), page.text.includes("Let it go on")]).toEqual([200, true, true]);
  // The chain brings the deposit back, an operator checks and decides, and the decision is recorded.
  await buyer.send(fund);
  await pause(3_000);
  expect(await buyer.api.form("/operator/resume", { order, note: "mine" })).toBe(403);
  expect(await operator.form("/operator/resume", { order, note: "The deposit is back." })).toBe(303);
  await reaches(world, order, ["settled"]);
  expect(await world.database.events(order)).toContain("resumed");
  const escrow = await escrowOf(world, buyer.account.address);
  expect([escrow.released, escrow.refunded], "what never was paid for is not charged").toEqual([0n, escrow.deposited]);
});

test("row 3: a reorganisation moves the deposit into another block: one credit", async ({ world }) => {
  const buyer = await Headless.arrive(world);
  const { id: order, deposit } = await buyer.order();
  await world.restartServer(PATIENT);
  const hash = await buyer.pay(order);
  const raw = (await world.chain.call("eth_getRawTransactionByHash", [hash])) as Hex;
  await world.chain.call("anvil_reorg", [1, [[raw, 0]]]);
  await closeAndExpectWell(world, buyer, order, deposit);
  const events = await world.database.events(order);
  expect(events.filter((event) => event === "deposit_confirmed")).toHaveLength(1);
});

const LYING_ABOUT_LOGS: Record<string, (logs: unknown[]) => unknown[]> = {
  duplicates: (logs) => [...logs, ...logs],
  reorders: (logs) => [...logs].reverse(),
  "duplicates and reorders": (logs) => [...logs, ...logs].reverse(),
};
for (const [what, change] of Object.entries(LYING_ABOUT_LOGS)) {
  test(`row 4: the node ${what} logs`, async ({ world }) => {
    world.rpc.lie(({ method }) =>
      method === "eth_getLogs" ? { kind: "changed", result: (logs) => change(logs as unknown[]) } : undefined,
    );
    const life = await liveOn(world, CLOSED);
    await expectAllIsWell(world, life, true);
  });
}

test("row 4: the node leaves logs out for a while", async ({ world }) => {
  let left = 12;
  world.rpc.lie(({ method }) =>
    method === "eth_getLogs" && left-- > 0 ? { kind: "changed", result: () => [] } : undefined,
  );
  const life = await liveOn(world, CLOSED);
  expect(left, "logs were asked for that often").toBeLessThanOrEqual(0);
  await expectAllIsWell(world, life, true);
});

test("row 5: the node's head is stale: the deposit does not count until it moves", async ({ world }) => {
  const stale = await world.chain.call("eth_getBlockByNumber", ["latest", false]);
  world.rpc.lie((call) => (isHead(call) ? { kind: "changed", result: () => stale } : undefined));
  const buyer = await Headless.arrive(world);
  const { id: order, deposit } = await buyer.order();
  await buyer.pay(order);
  await pause(6_000);
  expect((await world.database.order(order)).state_name).toBe("awaiting_deposit");
  world.rpc.tellTheTruth();
  await closeAndExpectWell(world, buyer, order, deposit);
});

test("row 5: the node's head goes back and forth", async ({ world }) => {
  let calls = 0;
  world.rpc.lie((call) => {
    if (!isHead(call)) return undefined;
    calls += 1;
    return calls % 3 === 0 ? { kind: "changed", result: older } : undefined;
  });
  const life = await liveOn(world, CLOSED);
  await expectAllIsWell(world, life, true);
});

test("row 5: two nodes: what the first one says cannot be true, so the second one is asked", async ({ world }) => {
  await world.restartServer({ NECTO_CHAIN_RPC: `${world.rpc.url},${world.chain.rpcUrl}` });
  const stale = await world.chain.call("eth_getBlockByNumber", ["latest", false]);
  await pause(6_000);
  let lies = 0;
  world.rpc.lie((call) => (isHead(call) && lies++ >= 0 ? { kind: "changed", result: () => stale } : undefined));
  const life = await liveOn(world, CLOSED);
  expect(lies, "the first one was asked").toBeGreaterThan(0);
  await expectAllIsWell(world, life, true);
  await world.restartServer();
});

test("row 5: two nodes: the first one is on another chain", async ({ world }) => {
  world.rpc.lie(({ method }) => (method === "eth_chainId" ? { kind: "changed", result: () => "0x1" } : { kind: "broken" }));
  await world.restartServer({ NECTO_CHAIN_RPC: `${world.rpc.url},${world.chain.rpcUrl}` });
  const life = await liveOn(world, CLOSED);
  await expectAllIsWell(world, life, true);
  world.rpc.tellTheTruth();
  await world.restartServer();
});

const OUTAGES: Record<string, Lie> = {
  "429": { kind: "status", status: 429 },
  "500": { kind: "status", status: 500 },
  HTML: { kind: "status", status: 200, body: "<html><body>Just a moment…</body></html>" },
  "an empty body": { kind: "status", status: 200, body: "" },
  "a broken connection": { kind: "broken" },
};
for (const [what, lie] of Object.entries(OUTAGES)) {
  test(`row 6: the node answers ${what} for ten minutes`, async ({ world }) => {
    const buyer = await Headless.arrive(world);
    const { id: order, deposit } = await buyer.order();
    await buyer.pay(order);
    await reaches(world, order, ["active"]);
    world.rpc.lie(() => lie);
    const before = world.rpc.calls.length;
    for (let minute = 0; minute < 10; minute++) {
      await world.advance(60);
      await pause(700);
    }
    expect(world.rpc.calls.length - before, "I7: calls in ten minutes of outage").toBeLessThan(300);
    expect((await world.database.order(order)).notice).toContain("The chain does not answer");
    expect(await (await fetch(`${world.url}/healthz`)).text()).toBe("ok\n");
    world.rpc.tellTheTruth();
    await world.advance(60);
    await closeAndExpectWell(world, buyer, order, deposit);
  });
}

test("row 7: the node takes calls and never answers: others are asked anew within the patience of one call", async ({ world }) => {
  const buyer = await Headless.arrive(world);
  const { id: order, deposit } = await buyer.order();
  await buyer.pay(order);
  let silenced = 0;
  world.rpc.lie(() => (silenced++ < 3 ? { kind: "silent" } : undefined));
  await expect.poll(() => silenced, { timeout: 90_000 }).toBeGreaterThanOrEqual(3);
  await closeAndExpectWell(world, buyer, order, deposit);
});

test("row 8: the buyer speeds the deposit up: the replacement counts, once", async ({ world }) => {
  const buyer = await Headless.arrive(world);
  const { id: order, deposit } = await buyer.order();
  const { approve, fund } = await buyer.api.prepareDeposit(order);
  await buyer.send(approve);
  const [first, second] = await buyer.sendAndReplace(fund, fund);
  expect(first).not.toBe(second);
  await buyer.api.call("report_transaction", { order, kind: "fund", hash: first });
  await closeAndExpectWell(world, buyer, order, deposit);
});

test("row 8: the buyer cancels the deposit: nothing is deployed, and it can be paid again", async ({ world }) => {
  const buyer = await Headless.arrive(world);
  const { id: order, deposit } = await buyer.order();
  const { approve, fund } = await buyer.api.prepareDeposit(order);
  await buyer.send(approve);
  const [cancelled] = await buyer.sendAndReplace(fund, { to: buyer.account.address, data: "0x" });
  await buyer.api.call("report_transaction", { order, kind: "fund", hash: cancelled });
  await pause(4_000);
  expect((await world.database.order(order)).state_name).toBe("awaiting_deposit");
  expect(await world.market.deploymentsNamed(`necto-${order}`)).toEqual([]);
  await buyer.send(fund);
  await closeAndExpectWell(world, buyer, order, deposit);
});

test("row 9: a deposit sent twice is taken once", async ({ world }) => {
  const buyer = await Headless.arrive(world);
  const { id: order, deposit } = await buyer.order();
  const { approve, fund } = await buyer.api.prepareDeposit(order);
  await buyer.send({ ...approve, data: twice(approve.data) });
  const before = await world.chain.tokens(buyer.account.address);
  await buyer.send(fund);
  await buyer.send(fund);
  expect(before - (await world.chain.tokens(buyer.account.address)), "I1: taken").toBe(deposit);
  await closeAndExpectWell(world, buyer, order, deposit);
});

test("row 9: tokens sent to the contract without a call are nobody's deposit", async ({ world }) => {
  const buyer = await Headless.arrive(world);
  const { id: order } = await buyer.order();
  const { approve, fund } = await buyer.api.prepareDeposit(order);
  const before = await world.chain.books();
  await buyer.token("transfer", [world.chain.contracts.escrow, 1_000n]);
  await pause(4_000);
  expect((await world.database.order(order)).state_name, "I1: nothing is deployed for it").toBe("awaiting_deposit");
  const after = await world.chain.books();
  expect(after.deposited, "I1: no escrow counts it").toBe(before.deposited);
  expect(after.tokens - before.tokens).toBe(1_000n);
  world.strayed += 1_000n;
  await expect
    .poll(
      async () => {
        await world.advance(61);
        return world.database.events(order);
      },
      { timeout: 60_000, intervals: [3_000] },
    )
    .toContain("money_strayed");
  await buyer.send(approve);
  await buyer.send(fund);
  await reaches(world, order, ["active"]);
  await buyer.api.close(order);
  await reaches(world, order, ["settled"]);
  expect((await escrowOf(world, buyer.account.address)).held).toBe(0n);
});

test("row 9: deposits for other terms go back whole, and the buyer is told of each", async ({ world }) => {
  const buyer = await Headless.arrive(world);
  const { id: order, deposit } = await buyer.order();
  const { approve, fund } = await buyer.api.prepareDeposit(order);
  await buyer.send({ ...approve, data: twice(twice(approve.data) as Hex) });
  const before = await world.chain.tokens(buyer.account.address);
  // The same terms with another salt, and with half the money: both name the order that they are for.
  const words = fund.data.slice(10).match(/.{64}/g) ?? [];
  const other = (index: number, word: string) =>
    `${fund.data.slice(0, 10)}${words.map((old, at) => (at === index ? word : old)).join("")}` as Hex;
  const half = (deposit / 2n).toString(16).padStart(64, "0");
  await buyer.send({ ...fund, data: other(SALT, "77".repeat(32)) });
  await buyer.send({ ...fund, data: other(DEPOSIT, half) });
  await pause(5_000);
  expect((await world.database.order(order)).state_name, "nothing is deployed for them").toBe("awaiting_deposit");
  await expect
    .poll(
      async () => {
        await world.advance(61);
        return (await world.chain.tokens(buyer.account.address)) - before;
      },
      { timeout: 60_000, intervals: [3_000] },
    )
    .toBe(0n);
  const told = (await world.database.events(order)).filter((event) => event === "money_strayed");
  expect(told, "I5: each is told once").toHaveLength(2);
});

test("row 9: a deposit after the order was given up goes back whole", async ({ world }) => {
  const buyer = await Headless.arrive(world);
  const { id: order } = await buyer.order();
  const { approve, fund } = await buyer.api.prepareDeposit(order);
  await buyer.send(approve);
  await buyer.api.call("change_draft", { order }).catch(() => undefined);
  await buyer.api.call("save_sdl", { order, text: "version: \"2.0\"\n" }).catch(() => undefined);
  await buyer.send(fund);
  await world.advance(61);
  const escrow = async () => escrowOf(world, buyer.account.address);
  const { state_name: state } = await world.database.order(order);
  if (state === "drafted") {
    // The sweep comes with the block that makes it count, and its call with the next ones.
    await expect
      .poll(
        async () => {
          await world.advance(61);
          return (await escrow()).status;
        },
        { timeout: 60_000, intervals: [3_000] },
      )
      .toBe("closed");
    expect((await escrow()).refunded).toBe((await escrow()).deposited);
  } else {
    // Signed terms are binding: the order continues, and its buyer closes it.
    await reaches(world, order, ["active"]);
    await buyer.api.close(order);
    await reaches(world, order, ["settled"]);
  }
  expect((await escrow()).held).toBe(0n);
});

test("row 13: no block is made, and then what was pending is gone: it is sent again, and paid once", async ({ world }) => {
  const life = await liveOn(world, {
    runs: true,
    whenActive: async (_, buyer, order) => {
      await world.chain.call("evm_setIntervalMining", [0]);
      await close(world, buyer, order);
      await pause(6_000);
      await world.chain.call("anvil_dropAllTransactions");
      await world.chain.call("evm_setIntervalMining", [1]);
      await world.advance(90);
    },
  });
  await expectAllIsWell(world, life, true);
});

test("row 13: gas becomes dear between the estimate and the block", async ({ world }) => {
  const life = await liveOn(world, {
    runs: true,
    whenActive: async (_, buyer, order) => {
      await world.chain.call("evm_setIntervalMining", [0]);
      await close(world, buyer, order);
      await pause(4_000);
      await world.chain.call("anvil_setNextBlockBaseFeePerGas", ["0x2540be400"]);
      await world.chain.call("evm_setIntervalMining", [1]);
      await world.advance(90);
    },
  });
  await expectAllIsWell(world, life, true);
});

for (const point of ["after:activate", "before:transaction_note", "after:end"]) {
  test(`row 33: a crash ${point.replace(":", " ")}, between sending and writing it down`, async ({ world }) => {
    const life = await live(world, CLOSED, { NECTO_FAIL_POINT: `${point}=kill` });
    expect(life.deaths).toEqual(["SIGKILL"]);
    await expectAllIsWell(world, life, true);
  });
}

test("row 33: the answer to a sent transaction is lost", async ({ world }) => {
  let lost = 0;
  world.rpc.lie(({ method }) =>
    method === "eth_sendRawTransaction" && lost++ < 2 ? { kind: "landed then lost" } : undefined,
  );
  const life = await liveOn(world, CLOSED);
  expect(lost).toBeGreaterThanOrEqual(2);
  await expectAllIsWell(world, life, true);
});

/** The same approval, for twice as much. */
function twice(approve: Hex): Hex {
  const amount = BigInt(`0x${approve.slice(-64)}`) * 2n;
  return `${approve.slice(0, -64)}${amount.toString(16).padStart(64, "0")}` as Hex;
}

function isHead({ method, params }: RpcCall): boolean {
  return method === "eth_getBlockByNumber" && params[0] === "latest";
}

/** The same block, three heights and seconds earlier. */
function older(block: unknown): unknown {
  const { number, timestamp, ...rest } = block as { number: Hex; timestamp: Hex };
  const less = (value: Hex) => `0x${(BigInt(value) - 3n).toString(16)}`;
  return { ...rest, number: less(number), timestamp: less(timestamp) };
}
