// A whole Necto for one worker: local chain, contracts, sandbox and server, on ports and in a folder of its own.

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import type { Address } from "viem";

import { CHAIN_ID, Chain, FUNDED_KEY, OPERATOR_KEY } from "./chain.ts";
import { ClockProxy } from "./clock.ts";
import { Database } from "./database.ts";
import { Market, type Seller } from "./market.ts";
import { Program, answers, answersToRpc, freePort } from "./programs.ts";
import { RpcProxy } from "./rpc-proxy.ts";
import { CHECKOUT, chainProgram, program, siteEnvironment } from "./settings.ts";

/** The factor by which the sandbox's waits for bids, transactions and containers are shorter than in reality. */
const SANDBOX_PACE = 30;

/** How long the server may need to finish what an earlier journey left in progress. */
const QUIET_MS = 30_000;

/** The key for encrypted data in a world's database. */
export const DATA_KEY = "5e".repeat(32);

/** What may differ between worlds. */
export interface WorldOptions {
  /** Seed of the simulated market. */
  seed?: number;
  /** Shortens the sandbox's waits. */
  pace?: number;
  /** Folder of the SQLite database, if not the world's own. */
  databaseFolder?: string;
  /** Gives the server a clock that can be moved separately; pages then have no demo wallet. */
  ownClock?: boolean;
  /** Settings of the server that differ from the usual ones. */
  settings?: Record<string, string>;
  /** Lets the sandbox's simulated model read what buyers write, in this wire format, instead of the built-in rules. */
  model?: ModelApi;
}

/** The address of one of several servers, and the name of its log. */
interface ServerPlace {
  name: string;
  port: number;
}

/** The caps on what the operator has at stake at Akash (docs/operating.md). */
const CAPS = ["", "NETWORK_", "WALLET_"].flatMap((whose) =>
  ["OPEN", "LOCKED", "DAY"].map((what) => `NECTO_CAP_${whose}${what}`),
);

/** Everything that runs for a journey. */
export class World {
  /** Tokens that a journey sent to the contract past every call: they belong to no account and are in no books. */
  strayed = 0n;

  private constructor(
    /** Address of the page. */
    readonly url: string,
    /** The chain, read independently of Necto. */
    readonly chain: Chain,
    /** The simulated market and its controls. */
    readonly market: Market,
    /** Secrets that the server was given; none may ever appear where a browser or a log can see it. */
    readonly secrets: readonly string[],
    /** The proxy between the server and its chain. */
    readonly rpc: RpcProxy,
    /** The clock that the server follows if it was given one of its own. */
    readonly clock: ClockProxy,
    /** The server's database, read past it. */
    readonly database: Database,
    private readonly folder: string,
    private readonly background: { chain: Program; sandbox: Program },
    private readonly startServer: (settings: Record<string, string>, place?: ServerPlace) => Promise<Program>,
    private server: Program,
  ) {}

  /** Starts a world. If the start fails, whatever was started before is stopped again. */
  static async start(options: WorldOptions = {}): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), "necto-journey-"));
    const started: Program[] = [];
    try {
      const [pagePort, sandboxPort, chainPort] = [await freePort(), await freePort(), await freePort()];
      const url = `http://127.0.0.1:${pagePort}`;
      const sandboxUrl = `http://127.0.0.1:${sandboxPort}`;
      const rpcUrl = `http://127.0.0.1:${chainPort}`;
      const consoleKey = `ac.sk.sandbox.${randomBytes(32).toString("hex")}`;
      const place = (name: string) => ({
        name,
        logFile: join(folder, `${name}.log`),
        workingFolder: CHECKOUT,
      });

      const chainProcess = await Program.start(
        {
          ...place("chain"),
          command: chainProgram(),
          args: ["--port", `${chainPort}`, "--chain-id", `${CHAIN_ID}`, "--hardfork", "cancun", "--block-time", "1"],
        },
        () => answersToRpc(rpcUrl, CHAIN_ID),
      );
      started.push(chainProcess);
      const contracts = await deployContracts(rpcUrl);

      const sandbox = await Program.start(
        {
          ...place("sandbox"),
          command: program("necto-sandbox"),
          args: [
            ...["--listen", `127.0.0.1:${sandboxPort}`],
            ...["--seed", `${options.seed ?? 1}`],
            ...["--pace", `${options.pace ?? SANDBOX_PACE}`],
            ...["--chain-rpc", rpcUrl],
            ...["--app-origin", url],
            ...["--api-key", consoleKey],
          ],
        },
        () => answers(`${sandboxUrl}/__sim/state`),
      );
      started.push(sandbox);

      const rpc = await RpcProxy.start(rpcUrl);
      const clock = await ClockProxy.start(sandboxUrl);
      const database = await Database.create(options.databaseFolder ?? folder, options.databaseFolder ? "sqlite" : "any");
      const startServer = (settings: Record<string, string>, at: ServerPlace = { name: "server", port: pagePort }) =>
        Program.start(
          {
            ...place(at.name),
            command: program("necto"),
            args: ["serve"],
            environment: {
              ...siteEnvironment(),
              NECTO_LISTEN: `127.0.0.1:${at.port}`,
              NECTO_DATABASE_URL: database.url,
              NECTO_DATA_KEYS: DATA_KEY,
              NECTO_PUBLIC_URL: url,
              NECTO_CONSOLE_URL: sandboxUrl,
              NECTO_CONSOLE_KEY: consoleKey,
              NECTO_PROVIDER_PROXY_URL: sandboxUrl,
              NECTO_CHAIN_RPC: rpc.url,
              NECTO_CHAIN_ID: `${CHAIN_ID}`,
              NECTO_CHAIN_CONFIRMATIONS: "2",
              NECTO_ESCROW_ADDRESS: contracts.escrow,
              NECTO_USDC_ADDRESS: contracts.usdc,
              NECTO_REGISTRY_ADDRESS: contracts.registry,
              NECTO_OPERATOR_KEY: OPERATOR_KEY,
              NECTO_SIMULATED: options.ownClock ? clock.url : sandboxUrl,
              // One wallet on one network makes all purchases; tests of the caps set them.
              NECTO_RELAY_NETWORK_BUDGET: "1",
              ...Object.fromEntries(CAPS.map((cap) => [cap, "off"])),
              // All browsers of a journey come from one address; tests of limits say so in their own settings.
              NECTO_LIMITS: "local",
              ...options.settings,
              ...settings,
              ...(options.model ? modelEnvironment(sandboxUrl, options.model) : {}),
            },
          },
          () => answers(`http://127.0.0.1:${at.port}/healthz`),
        );
      const server = await startServer({});
      started.push(server);
      return new World(
        url,
        new Chain(rpcUrl, contracts),
        new Market(sandboxUrl, consoleKey),
        [consoleKey, OPERATOR_KEY.slice(2)],
        rpc,
        clock,
        database,
        folder,
        { chain: chainProcess, sandbox },
        startServer,
        server,
      );
    } catch (error) {
      for (const one of started.reverse()) await one.stop();
      throw error;
    }
  }

  /** Moves all clocks together: the market's, the server's (which follows it) and the chain's. */
  async advance(seconds: number): Promise<void> {
    await this.market.advance(seconds);
    await this.chain.advance(seconds);
  }

  /** Kills the server without a chance to clean up. */
  async killServer(): Promise<void> {
    await this.server.killHard();
  }

  /** Starts the server again, on the same database; optionally with other settings for this time only. */
  async restartServer(settings: Record<string, string> = {}): Promise<void> {
    await this.server.stop();
    this.server = await this.startServer(settings);
  }

  /** Starts another server on the same database and chain, on a port of its own; the caller must stop it. */
  async startAnother(name: string, settings: Record<string, string> = {}, port?: number): Promise<Program> {
    return this.startServer(settings, { name, port: port ?? (await freePort()) });
  }

  /** The signal that ended the server; `null` while it lives. */
  serverEndedBy(): string | null {
    return this.server.endedBy();
  }

  /** The server's process id on this machine. */
  serverPid(): number {
    return this.server.pid();
  }

  /** Sends the server a signal. */
  signalServer(signal: "SIGSTOP" | "SIGCONT"): void {
    this.server.signal(signal);
  }

  /** Everything the server has logged. */
  serverLog(): string {
    return this.server.log();
  }

  /** Has a seller list its offer on the register of providers, and approves it; returns its id there. */
  async list(seller: Seller): Promise<string> {
    const description = join(this.folder, "listing.json");
    await writeFile(description, seller.description);
    const terms = ["--account", seller.account, "--per-hour", seller.usd_per_hour, "--description", description];
    const { id } = JSON.parse(await this.onRegister("list", FUNDED_KEY, terms)) as { id: string };
    await this.onRegister("approve", OPERATOR_KEY, [id]);
    return id;
  }

  /** Withdraws the approval of a listed provider. */
  async delist(id: string): Promise<void> {
    await this.onRegister("withdraw", OPERATOR_KEY, [id]);
  }

  /** Waits until no order is between two steps that the server takes by itself. */
  async untilQuiet(): Promise<void> {
    const underWay = "'funded', 'opening', 'activating', 'leasing', 'closing', 'settling'";
    const until = Date.now() + QUIET_MS;
    while ((await this.database.rows(`SELECT id FROM orders WHERE state_name IN (${underWay})`)).length > 0) {
      if (Date.now() > until) throw new Error("An order of an earlier journey is still between two steps.");
      await new Promise((resume) => setTimeout(resume, 200));
    }
  }

  private async onRegister(verb: string, key: string, rest: string[]): Promise<string> {
    const place = ["--rpc", this.chain.rpcUrl, "--registry", this.chain.contracts.registry];
    const { stdout } = await promisify(execFile)(program("necto"), ["chain", verb, ...place, ...rest], {
      env: { ...process.env, NECTO_REGISTER_KEY: key },
    });
    return stdout;
  }

  /** Stops everything, in the order of dependencies. */
  async stop(): Promise<void> {
    await this.server.stop();
    await this.background.sandbox.stop();
    await this.background.chain.stop("SIGINT");
    await this.rpc.stop();
    await this.clock.stop();
    await this.database.drop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** The API forms of a model. */
type ModelApi = "generate-content" | "interactions";

function modelEnvironment(sandboxUrl: string, api: ModelApi): Record<string, string> {
  return {
    NECTO_MODEL_API: api,
    NECTO_MODEL_URL: `${sandboxUrl}/gemini`,
    NECTO_MODEL_KEY: "sandbox-model-key",
    NECTO_MODEL_TOKENS_PER_VISITOR: "100000000",
    NECTO_MODEL_TOKENS_PER_DAY: "100000000",
  };
}

async function deployContracts(rpcUrl: string): Promise<{ escrow: Address; usdc: Address; registry: Address }> {
  const { stdout } = await promisify(execFile)(program("necto"), ["chain", "deploy", "--rpc", rpcUrl], {
    env: { ...process.env, NECTO_OPERATOR_KEY: OPERATOR_KEY },
  });
  const addresses = JSON.parse(stdout) as { escrow?: Address; usdc?: Address; registry?: Address };
  if (!addresses.escrow || !addresses.usdc || !addresses.registry) {
    throw new Error(`\`necto chain deploy\` printed no addresses: ${stdout}`);
  }
  return { escrow: addresses.escrow, usdc: addresses.usdc, registry: addresses.registry };
}
