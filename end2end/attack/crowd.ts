// A separate Necto for load attacks, with the limits of a public one: one server, or as many as NECTO_ATTACK_SERVERS
// says, on one database.

import { expect, test as base } from "@playwright/test";

import { freePort, type Program } from "../harness/programs.ts";
import { World } from "../harness/world.ts";

/** The target of attacks. */
export interface Target {
  world: World;
  /** The servers' addresses; the first is the public one. */
  servers: readonly string[];
}

export const test = base.extend<object, { target: Target }>({
  target: [
    async ({}, use) => {
      // Other worlds allow this one address as much as all browsers of a test need.
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
