// A chain with our chain's id that is not ours: same id, other blocks, no contracts.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { CHAIN_ID } from "./chain.ts";
import { Program, answersToRpc, freePort } from "./programs.ts";
import { CHECKOUT, chainProgram } from "./settings.ts";

/** A running impostor. */
export class OtherChain {
  private constructor(
    /** Its address. */
    readonly rpcUrl: string,
    private readonly program: Program,
    private readonly folder: string,
  ) {}

  /** Starts one. */
  static async start(): Promise<OtherChain> {
    const folder = await mkdtemp(join(tmpdir(), "necto-impostor-"));
    const port = await freePort();
    const rpcUrl = `http://127.0.0.1:${port}`;
    const program = await Program.start(
      {
        name: "other chain",
        command: chainProgram(),
        args: ["--port", `${port}`, "--chain-id", `${CHAIN_ID}`, "--block-time", "1"],
        logFile: join(folder, "chain.log"),
        workingFolder: CHECKOUT,
      },
      () => answersToRpc(rpcUrl, CHAIN_ID),
    );
    return new OtherChain(rpcUrl, program, folder);
  }

  /** Stops it. */
  async stop(): Promise<void> {
    await this.program.stop("SIGINT");
    await rm(this.folder, { recursive: true, force: true });
  }
}
