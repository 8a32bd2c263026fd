// Rows 29 to 31, 34 and 36: database, disk, clock and the program itself.

import { setTimeout as pause } from "node:timers/promises";

import { escrowOf } from "../harness/books.ts";
import { Headless } from "../harness/headless.ts";
import { expectAllIsWell } from "./invariants.ts";
import { close, live, liveOn, reaches, type Plot } from "./life.ts";
import { expect, test } from "./world.ts";

const CLOSED: Plot = { runs: true, whenActive: close };

test("row 29: the database's processes are killed again and again", async ({ world }) => {
  test.skip(world.database.engine === "sqlite", "SQLite has no process of its own: row 28 kills the one it is in");
  let stopped = false;
  const killing = (async () => {
    while (!stopped) {
      await pause(3_000);
      await world.database.killOneProcess().catch(() => undefined);
    }
  })();
  try {
    const life = await liveOn(world, CLOSED);
    stopped = true;
    await killing;
    await pause(3_000);
    await expectAllIsWell(world, life, true);
  } finally {
    stopped = true;
    await killing;
  }
});

test("row 29: connections are cut in the middle of commits", async ({ world }) => {
  test.skip(world.database.engine === "sqlite", "SQLite has no connections that could be cut");
  let stopped = false;
  const cutting = (async () => {
    while (!stopped) {
      await pause(200);
      await world.database.cutConnections().catch(() => undefined);
    }
  })();
  const buyer = await Headless.arrive(world).catch(() => undefined);
  stopped = true;
  await cutting;
  expect(buyer === undefined || buyer.account.address.startsWith("0x")).toBe(true);
  const life = await liveOn(world, {
    runs: true,
    whenBidding: async () => {
      for (let cut = 0; cut < 30; cut++) {
        await world.database.cutConnections();
        await pause(100);
      }
    },
    whenActive: close,
  });
  await expectAllIsWell(world, life, true);
});

test("row 31: another program holds the database's write lock for eight seconds at a time", async ({ world }) => {
  const life = await liveOn(world, {
    runs: true,
    whenBidding: () => world.database.holdLock(8),
    whenActive: async (_, buyer, order) => {
      const held = world.database.holdLock(8);
      await pause(300);
      await close(world, buyer, order);
      await held;
    },
  });
  expect(life.deaths).toEqual([]);
  await expectAllIsWell(world, life, true);
});

test("row 31: more requests than connections wait for a held database: each is answered, and none twice", async ({ world }) => {
  const buyer = await Headless.arrive(world);
  const { id: order, deposit } = await buyer.order();
  const held = world.database.holdLock(5);
  await pause(300);
  const started = Date.now();
  const answers = await Promise.all(
    Array.from({ length: 60 }, () => buyer.api.call("requote", { order }).then(() => "done", String)),
  );
  await held;
  expect(Date.now() - started, "the wait is bounded").toBeLessThan(40_000);
  const strange = answers.filter((answer) => answer !== "done" && !answer.includes(": 503 ") && !answer.includes(": 409 "));
  expect(strange).toEqual([]);
  expect(answers).toContain("done");
  await buyer.pay(order);
  await reaches(world, order, ["active"]);
  await close(world, buyer, order);
  await reaches(world, order, ["settled"]);
  await expectAllIsWell(world, { buyer, order, deposit, deaths: [] }, true);
});

test("row 31: somebody takes the same rows in other orders: deadlocks end with the whole step made again", async ({ world }) => {
  test.skip(world.database.engine === "sqlite", "SQLite has one lock for everything: nothing can be taken in another order");
  const deadlocks = async () => {
    const sum = "SELECT deadlocks AS n FROM pg_stat_database WHERE datname = current_database()";
    return Number((await world.database.rows<{ n: number }>(sum))[0]?.n);
  };
  const before = await deadlocks();
  let stopped = false;
  const rows = ["UPDATE orders SET version = version", "UPDATE jobs SET nudges = nudges"];
  const tangle = async (first: number) => {
    while (!stopped) {
      const [one, other] = [rows[first], rows[1 - first]];
      // Which of the two the database ends is up to the database.
      await world.database.change(`BEGIN; ${one}; SELECT pg_sleep(0.2); ${other}; COMMIT;`).catch(() => undefined);
      await pause(400);
    }
  };
  const tangles = [tangle(0), tangle(1)];
  try {
    const life = await liveOn(world, CLOSED);
    stopped = true;
    await Promise.all(tangles);
    expect(life.deaths).toEqual([]);
    expect(await deadlocks(), "there were any").toBeGreaterThan(before);
    await expectAllIsWell(world, life, true);
  } finally {
    stopped = true;
    await Promise.all(tangles);
  }
});

test("row 30: the disk is full: writes are refused, reads go on, and it recovers", async ({ world, smallDisk }) => {
  void world;
  test.skip(smallDisk === null, "a small disk can only be mounted by root, and only SQLite is on it");
  if (smallDisk === null) return;
  const { world: small, fill, free } = smallDisk;
  const buyer = await Headless.arrive(small);
  const { id: order, deposit } = await buyer.order();
  const { id: other } = await buyer.order();
  await buyer.pay(order);
  await reaches(small, order, ["active"]);
  await fill();
  const refused: number[] = [];
  for (let write = 0; write < 12; write++) {
    const answer = await fetch(`${small.url}/api/describe`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: small.url },
      body: JSON.stringify({ ask: { kind: "words", text: "a web server" } }),
    });
    const text = await answer.text();
    refused.push(text.includes("takes no changes right now") ? 503 : answer.status);
  }
  expect(refused.includes(503), `writes are refused: ${refused.join()}`).toBe(true);
  expect((await buyer.api.order(other)).id, "reads go on").toBe(other);
  expect((await fetch(`${small.url}/healthz`)).status).toBe(200);
  await free();
  await small.advance(61);
  const closing = () => buyer.api.close(order).then(() => "closed", String);
  await expect.poll(closing, { timeout: 60_000 }).toBe("closed");
  await reaches(small, order, ["settled"]);
  await expectAllIsWell(small, { buyer, order, deposit, deaths: [] }, true);
});

for (const jump of [-3_600, 3_600]) {
  test(`row 34: the server's clock jumps ${jump} s while it runs`, async ({ world }) => {
    const buyer = await Headless.arrive(world);
    const { id: order, deposit } = await buyer.order(undefined, 3 * 3_600);
    await buyer.pay(order);
    await reaches(world, order, ["active"]);
    world.clock.skew(jump);
    await pause(4_000);
    world.clock.skew(0);
    await pause(1_500);
    await close(world, buyer, order);
    await world.advance(31);
    await reaches(world, order, ["settled"]);
    await expectAllIsWell(world, { buyer, order, deposit, deaths: [] }, true);
    const escrow = await escrowOf(world, buyer.account.address);
    expect(escrow.released * 20n, "I1: minutes are paid, not the hour that never was").toBeLessThan(escrow.deposited);
  });
}

for (const point of ["before:opened", "after:activate", "before:settlement_confirmed"]) {
  test(`row 36: a job panics ${point.replace(":", " ")}`, async ({ world }) => {
    const life = await live(world, CLOSED, { NECTO_FAIL_POINT: `${point}=panic` });
    expect(life.deaths, "the process lives").toEqual([]);
    expect(world.serverLog()).toContain("fail point reached");
    await expectAllIsWell(world, life, true);
  });
}

test("row 36: a request panics: its connection ends, the process lives", async ({ world }) => {
  const life = await live(
    world,
    {
      runs: true,
      whenActive: async (_, buyer, order) => {
        await buyer.api.close(order).catch(() => undefined);
        expect((await fetch(`${world.url}/healthz`)).status).toBe(200);
      },
    },
    { NECTO_FAIL_POINT: "after:close_requested=panic" },
  );
  expect(life.deaths).toEqual([]);
  await expectAllIsWell(world, life, true);
});

