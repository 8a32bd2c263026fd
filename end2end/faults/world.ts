// A Necto without a browser, shared by the faults of one worker.

import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { expect, test as base } from "@playwright/test";
import { privateKeyToAccount } from "viem/accounts";

import { FUNDED_KEY } from "../harness/chain.ts";
import { World } from "../harness/world.ts";

/** Heartbeats are due every quarter of an hour: orders here are for an hour. */
const SETTINGS = {
  NECTO_HEARTBEAT_HOURS: "1",
  NECTO_OPERATORS: privateKeyToAccount(FUNDED_KEY).address.toLowerCase(),
};

const SMALL_DISK_MIB = 6;
const run = promisify(execFile);

/** A Necto on a disk that can be filled. */
export interface SmallDisk {
  world: World;
  fill: () => Promise<void>;
  free: () => Promise<void>;
}

export const test = base.extend<{ honest: void; smallDisk: SmallDisk | null }, { world: World }>({
  world: [
    async ({}, use) => {
      const world = await World.start({ settings: SETTINGS, ownClock: true });
      await use(world);
      await world.stop();
    },
    { scope: "worker", timeout: 120_000 },
  ],

  /** A Necto whose database is on a disk of a few megabytes; `null` where none can be mounted. */
  smallDisk: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), "necto-small-disk-"));
    try {
      await run("mount", ["-t", "tmpfs", "-o", `size=${SMALL_DISK_MIB}m`, "necto-small-disk", folder]);
    } catch {
      // Only root may mount: the row says that it was skipped.
      await rm(folder, { recursive: true });
      await use(null);
      return;
    }
    const filler = join(folder, "filler");
    const world = await World.start({ settings: SETTINGS, databaseFolder: folder });
    const fill = async () => {
      // Fails when the disk is full, which is its purpose.
      await run("dd", ["if=/dev/zero", `of=${filler}`, "bs=4k"]).catch(() => undefined);
    };
    try {
      await use({ world, fill, free: () => rm(filler, { force: true }) });
    } finally {
      await world.stop();
      await run("umount", [folder]);
      await rm(folder, { recursive: true });
    }
  },

  /** Everything that a fault changed is honest again afterwards. */
  honest: [
    async ({ world }, use) => {
      await use();
      world.rpc.tellTheTruth();
      world.clock.skew(0);
      await world.market.disarm();
    },
    { auto: true },
  ],
});

export { expect };
