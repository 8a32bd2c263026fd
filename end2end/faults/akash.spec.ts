// Rows 15 to 26: Akash does not do what was asked, or does it and does not report it.

import { setTimeout as pause } from "node:timers/promises";

import { escrowOf } from "../harness/books.ts";
import { BATCH_JOB, Headless } from "../harness/headless.ts";
import type { World } from "../harness/world.ts";
import { expectAllIsWell } from "./invariants.ts";
import { close, live, liveOn, reaches, type Plot } from "./life.ts";
import { expect, test } from "./world.ts";

const CLOSED: Plot = { runs: true, whenActive: close };

/** Runs an order through, closes it, and expects that all is well. */
async function survives(world: World, plot: Plot): Promise<{ order: string; why: string }> {
  const life = await liveOn(world, plot);
  expect(life.deaths, "the server lives through it").toEqual([]);
  await expectAllIsWell(world, life, plot.runs);
  return { order: life.order, why: await reason(world, life.order) };
}

/** Why an order ended, as its buyer reads it. */
async function reason(world: World, order: string): Promise<string> {
  const state = JSON.parse((await world.database.order(order)).state) as { settled: { receipt: { why: unknown } } };
  return JSON.stringify(state.settled.receipt.why);
}

for (const fault of ["landed_then_lost", "broken_body", "lost", "html", "garbage"]) {
  test(`row 15: a create call answered with ${fault}`, async ({ world }) => {
    await survives(world, {
      ...CLOSED,
      prepare: () => world.market.scenario(fault, { on: "create" }),
    });
  });
}

for (const point of ["before:opened", "after:create"]) {
  test(`row 16: a create answer lost, and a crash ${point.replace(":", " ")}`, async ({ world }) => {
    const plot = { ...CLOSED, prepare: () => world.market.scenario("landed_then_lost") };
    const life = await live(world, plot, { NECTO_FAIL_POINT: `${point}=kill` });
    expect(life.deaths).toEqual(["SIGKILL"]);
    await expectAllIsWell(world, life, true);
  });
}

for (const fault of ["server_error", "database_timeout", "unavailable", "rate_limited", "wallet_provisioning"]) {
  test(`row 17: Akash's own transaction fails twice (${fault})`, async ({ world }) => {
    await survives(world, { ...CLOSED, prepare: () => world.market.scenario(fault, { on: "create", times: 2 }) });
  });
}

for (const call of ["create", "lease", "close"]) {
  test(`row 17: Akash's transaction lands and is called an error (${call})`, async ({ world }) => {
    const { order } = await survives(world, {
      runs: true,
      prepare: () => world.market.scenario("landed_then_error", { on: call }),
      whenActive: close,
    });
    expect(await world.market.deploymentsNamed(`necto-${order}`), "I2: created once").toHaveLength(1);
  });
}

test("row 18: no bids in the window", async ({ world }) => {
  const { why } = await survives(world, {
    runs: false,
    prepare: () => world.market.scenario("no_bids"),
    whenBidding: () => world.advance(301),
  });
  expect(why).toContain("no_bids");
});

test("row 19: only bids above the cap", async ({ world }) => {
  const plot: Plot = {
    runs: false,
    prepare: () => world.market.scenario("dear_bids"),
    whenBidding: async () => {
      await pause(2_000);
      await world.advance(301);
    },
  };
  const life = await liveOn(world, plot);
  const [deployed] = await world.market.deploymentsNamed(`necto-${life.order}`);
  const paidTooMuch = (await world.chain.escrows()).filter((one) => one.released > one.deposited);
  expect(paidTooMuch, "I1: released beyond the deposit").toEqual([]);
  // A bid that was expensive but under the cap may be accepted; above it never is, and then nothing runs.
  await expectAllIsWell(world, life, (deployed?.leases.length ?? 0) > 0);
});

test("row 19: a bid withdrawn between the choice and the lease", async ({ world }) => {
  await survives(world, { runs: false, prepare: () => world.market.scenario("bid_closes_before_lease") });
});

test("row 20: the manifest is delivered at the third try", async ({ world }) => {
  await survives(world, {
    ...CLOSED,
    prepare: () => world.market.scenario("manifest_not_delivered", { times: 2 }),
  });
});

test("row 20: the manifest is never taken", async ({ world }) => {
  const plot: Plot = { runs: false, prepare: () => world.market.scenario("manifest_not_delivered", { times: 200 }) };
  const buyer = await Headless.arrive(world);
  const { id: order, deposit } = await buyer.order();
  await plot.prepare?.(world);
  await buyer.pay(order);
  await reaches(world, order, ["leasing"]);
  await world.advance(241);
  await reaches(world, order, ["settled"]);
  await expectAllIsWell(world, { buyer, order, deposit, deaths: [] }, false);
});

for (const noticed of [true, false]) {
  test(`row 21: the provider vanishes, ${noticed ? "and" : "unseen by Akash, and"} billing stops within two minutes`, async ({ world }) => {
    const buyer = await Headless.arrive(world);
    const { id: order, deposit } = await buyer.order();
    await buyer.pay(order);
    await reaches(world, order, ["active"]);
    await world.advance(180);
    await pause(3_000);
    const before = Number(((await world.chain.call("eth_getBlockByNumber", ["latest", false])) as { timestamp: string }).timestamp);
    await world.market.switchProviders(false, noticed);
    try {
      for (let waited = 0; waited < 150 && (await world.database.order(order)).state_name === "active"; waited += 10) {
        await world.advance(10);
        await pause(1_500);
      }
      await reaches(world, order, ["settled"]);
    } finally {
      await world.market.switchProviders(true);
    }
    const [state] = await world.database.rows<{ state: string }>(`SELECT state FROM orders WHERE id = '${order}'`);
    const receipt = (JSON.parse(state?.state ?? "{}") as { settled: { receipt: { ended_at: number } } }).settled.receipt;
    expect(receipt.ended_at - before, "seconds paid after the provider vanished").toBeLessThanOrEqual(120);
    await expectAllIsWell(world, { buyer, order, deposit, deaths: [] }, true);
  });
}

for (const fault of ["closed_unstable", "closed_decommission", "closed_unspecified", "closed_elsewhere"]) {
  test(`row 22: the lease ends from the other side (${fault})`, async ({ world }) => {
    const life = await liveOn(world, {
      runs: true,
      prepare: () => world.market.scenario(fault),
      whenActive: () => world.advance(75),
    });
    await expectAllIsWell(world, life, true);
    const escrow = await escrowOf(world, life.buyer.account.address);
    // A minute of lease and the time until it was noticed, out of an hour's deposit.
    expect(escrow.released * 10n, "I1: billing stopped").toBeLessThan(escrow.deposited);
  });
}

test("row 23: the deployment runs dry on Akash", async ({ world }) => {
  const life = await liveOn(world, {
    runs: true,
    prepare: () => world.market.scenario("insufficient_funds"),
    whenActive: () => world.advance(75),
  });
  await expectAllIsWell(world, life, true);
  expect(await reason(world, life.order)).toContain("lease_lost");
});

test("row 23: what was paid for later runs on past the limit that Akash was first told", async ({ world }) => {
  const buyer = await Headless.arrive(world);
  const { id: order, deposit } = await buyer.order();
  await buyer.pay(order);
  await reaches(world, order, ["active"]);
  await buyer.topUp(order, deposit * 3n);
  // Two hours are the first limit: an hour more than requested.
  for (let quarters = 0; quarters < 10; quarters++) {
    await world.advance(15 * 60);
    await pause(2_000);
  }
  expect((await world.database.order(order)).state_name, "paid, and so it runs").toBe("active");
  expect(await world.market.liveDeployments()).toHaveLength(1);
  await close(world, buyer, order);
  await reaches(world, order, ["settled"]);
  await expectAllIsWell(world, { buyer, order, deposit, deaths: [] }, true);
});

for (const fault of ["landed_then_lost", "lost", "server_error"]) {
  test(`row 24: closing is answered with ${fault}`, async ({ world }) => {
    await survives(world, {
      runs: true,
      whenActive: async (_, buyer, order) => {
        await world.market.scenario(fault, { on: "close" });
        await close(world, buyer, order);
      },
    });
  });
}

test("row 24: the provider stops the workload minutes after it was closed", async ({ world }) => {
  const buyer = await Headless.arrive(world);
  const { id: order, deposit } = await buyer.order();
  await world.market.scenario("runs_on");
  await buyer.pay(order);
  await reaches(world, order, ["active"]);
  const services = () => world.database.rows<{ services: string }>(`SELECT services FROM orders WHERE id = '${order}'`);
  await world.advance(30);
  await expect.poll(async () => (await services())[0]?.services, { timeout: 60_000 }).toContain("http");
  await close(world, buyer, order);
  await reaches(world, order, ["settled"]);
  const notice = async () => (await world.database.order(order)).notice ?? "";
  await world.advance(31);
  await expect.poll(notice, { message: "I5: told", timeout: 60_000 }).toContain("has not stopped it yet");
  const escrow = await escrowOf(world, buyer.account.address);
  expect(escrow.held, "I1: nothing is held for it").toBe(0n);
  await world.advance(200);
  await expect.poll(notice, { message: "I5: taken back", timeout: 60_000 }).toBe("");
  await expectAllIsWell(world, { buyer, order, deposit, deaths: [] }, true);
});

test("a batch job that ends with exit code 0 is closed, settled and its rest refunded", async ({ world }) => {
  const { why } = await survives(world, { runs: true, sdl: BATCH_JOB, whenActive: (world) => world.advance(90) });
  expect(why).toContain("finished");
});

test("a batch job that crashes is told to its buyer with its exit code, and is never called done", async ({ world }) => {
  const sdl = BATCH_JOB.replace("SIM_SCENARIO=completes", "SIM_SCENARIO=crash_loop");
  const { why } = await survives(world, {
    runs: true,
    sdl,
    whenActive: async (_, buyer, order) => {
      await world.advance(90);
      const notice = async () => (await world.database.order(order)).notice ?? "";
      await expect.poll(notice, { timeout: 60_000 }).toContain("ended with exit code 1");
      await close(world, buyer, order);
    },
  });
  expect(why).toContain("buyer");
});

test("row 25: a wake-up is lost, and the sweep finds the order within a minute", async ({ world }) => {
  const buyer = await Headless.arrive(world);
  const { id: order, deposit } = await buyer.order();
  await buyer.pay(order, "manual");
  await reaches(world, order, ["bidding"]);
  await world.killServer();
  await world.database.change(`DELETE FROM jobs WHERE order_id = '${order}'`);
  await world.restartServer();
  await world.advance(61);
  await expect.poll(async () => (await world.database.jobs()).some(({ id }) => id === `drive:${order}`)).toBe(true);
  await world.advance(301);
  await reaches(world, order, ["settled"]);
  await expectAllIsWell(world, { buyer, order, deposit, deaths: [] }, false);
});

test("row 26: the price moved while the deposit was on its way: it goes back whole", async ({ world }) => {
  const life = await liveOn(world, {
    runs: false,
    pay: async (_, buyer, order) => {
      const { approve, fund } = await buyer.api.prepareDeposit(order);
      await buyer.send(approve);
      // The terms are valid until the escrow must start; just before that there is no time left to deploy.
      await world.advance(await secondsUntilTooLate(world, order));
      await buyer.send(fund);
    },
  });
  await expectAllIsWell(world, life, false);
});

async function secondsUntilTooLate(world: World, order: string): Promise<number> {
  const state = JSON.parse((await world.database.order(order)).state) as {
    awaiting_deposit: { terms: { activate_by: number } };
  };
  const block = (await world.chain.call("eth_getBlockByNumber", ["latest", false])) as { timestamp: string };
  return state.awaiting_deposit.terms.activate_by - Number(block.timestamp) - 120;
}
