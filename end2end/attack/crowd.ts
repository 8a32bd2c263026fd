// A Necto of its own for attacks by the number, limited as one is that strangers reach: one server, or as many as
// NECTO_ATTACK_SERVERS says, on one database.

import { expect, test as base } from "@playwright/test";

import { freePort, type Program } from "../harness/programs.ts";
import { World } from "../harness/world.ts";

/** What is attacked. */
export interface Target {
  world: World;
  /** The servers' addresses; the first is the one that people know. */
  servers: readonly string[];
}

export const test = base.extend<object, { target: Target }>({
  target: [
    async ({}, use) => {
      // Other worlds allow this one address what all browsers of a test need.
      const world = await World.start({ settings: { NECTO_LIMITS: "default" } });
      const others: Program[] = [];
      try {
        const servers = [world.url];
        for (let more = Number(process.env["NECTO_ATTACK_SERVERS"] ?? 1) - 1; more > 0; more -= 1) {
          const port = await freePort();
          others.push(await world.startAnother(`another-${more}`, {}, port));
          servers.push(`http://127.0.0.1:${port}`);
        }
        await use({ world, servers });
        const logs = [world.serverLog(), ...others.map((one) => one.log())].join("\n");
        expect(logs.split("\n").filter((line) => line.includes("panicked at")), "a server panicked").toEqual([]);
      } finally {
        for (const one of others) await one.stop();
        await world.stop();
      }
    },
    { scope: "worker", timeout: 180_000 },
  ],
});

export { expect };
