// Exactly what `cargo xtask run` starts, at its own pace.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Program, answers, freePort } from "./programs.ts";
import { CHECKOUT, xtask } from "./settings.ts";

/** A Necto as people run it on their own machine. */
export class LocalRun {
  private constructor(
    /** Address of the page. */
    readonly url: string,
    private program: Program,
    private readonly start: () => Promise<Program>,
    private readonly folder: string,
  ) {}

  /** Starts one without saved state. */
  static async start(): Promise<LocalRun> {
    const folder = await mkdtemp(join(tmpdir(), "necto-run-"));
    const [page, sandbox, chain] = [await freePort(), await freePort(), await freePort()];
    const url = `http://127.0.0.1:${page}`;
    const start = () =>
      Program.start(
        {
          name: "cargo xtask run",
          command: xtask(),
          args: [
            ...["run", "--as-built", process.env["NECTO_AS_BUILT"] ?? "dev"],
            ...["--state", join(folder, "state")],
            ...["--port", `${page}`, "--sandbox-port", `${sandbox}`, "--chain-port", `${chain}`],
          ],
          logFile: join(folder, "run.log"),
          workingFolder: CHECKOUT,
        },
        () => answers(`${url}/readyz`),
      );
    return new LocalRun(url, await start(), start, folder);
  }

  /** Stops it as Ctrl-C does and starts it again, with its saved state. */
  async again(): Promise<void> {
    await this.program.stop("SIGINT");
    this.program = await this.start();
  }

  /** Stops it and deletes its saved state. */
  async stop(): Promise<void> {
    await this.program.stop("SIGINT");
    await rm(this.folder, { recursive: true, force: true });
  }
}
