// Programs in the background of a journey.

import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

import { rpc } from "./rpc.ts";

/** Longest wait for a program to become ready or to end. */
const PATIENCE_MS = 60_000;

/** A port that is free right now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}

/** Waits until `ready` holds. */
export async function until(what: string, ready: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await ready())) {
    if (Date.now() > deadline) throw new Error(`${what} took more than ${PATIENCE_MS / 1000} s`);
    await pause(50);
  }
}

/** Whether an address answers with success. */
export async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    // Not listening yet: the caller tries again until its own deadline.
    return false;
  }
}

/** Whether a node of that chain answers. */
export async function answersToRpc(url: string, chainId: number): Promise<boolean> {
  try {
    return (await rpc(url, "eth_chainId", [])) === `0x${chainId.toString(16)}`;
  } catch {
    // Not listening yet: the caller tries again until its own deadline.
    return false;
  }
}

/** How to start a program. */
export interface Start {
  name: string;
  command: string;
  args: string[];
  environment?: Record<string, string>;
  logFile: string;
  workingFolder: string;
}

/** A running program. */
export class Program {
  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
    private readonly logFile: string,
    private readonly ended: Promise<void>,
  ) {}

  /** Starts a program and waits until it is ready; its early end is an error with its last lines. */
  static async start(start: Start, ready: () => Promise<boolean>): Promise<Program> {
    const log = createWriteStream(start.logFile, { flags: "a" });
    const child = spawn(start.command, start.args, {
      cwd: start.workingFolder,
      env: { ...withoutOurs(process.env), ...start.environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout?.pipe(log);
    child.stderr?.pipe(log);
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    const program = new Program(start.name, child, start.logFile, ended);
    await until(`starting the ${start.name}`, async () => {
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`the ${start.name} ended by itself:\n${program.log().slice(-4_000)}`);
      }
      return ready();
    });
    return program;
  }

  /** Asks the program to end and waits for it. */
  async stop(signal: "SIGTERM" | "SIGINT" = "SIGTERM"): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill(signal);
    const late = setTimeout(() => this.child.kill("SIGKILL"), 15_000);
    await this.ended;
    clearTimeout(late);
  }

  /** The signal that ended it, or its exit code; `null` while it runs. */
  endedBy(): string | null {
    const { signalCode, exitCode } = this.child;
    return signalCode ?? (exitCode === null ? null : `exit ${exitCode}`);
  }

  /** Its process id on this machine. */
  pid(): number {
    if (this.child.pid === undefined) throw new Error(`the ${this.name} was never started`);
    return this.child.pid;
  }

  /** Sends a signal and does not wait for anything. */
  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.child.kill(signal);
  }

  /** Kills the program without a chance to clean up. */
  async killHard(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
  }

  /** Everything the program has printed. */
  log(): string {
    return readFileSync(this.logFile, "utf8");
  }
}

/** Settings of the machine must not leak into the programs under test. */
function withoutOurs(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && !entry[0].startsWith("NECTO_") && !entry[0].startsWith("LEPTOS_"),
    ),
  );
}
