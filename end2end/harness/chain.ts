// The local chain, read independently of Necto: the contracts' state is the truth that the journeys assert on.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  createPublicClient,
  createWalletClient,
  defineChain,
  http,
  parseAbi,
  type Abi,
  type Address,
  type Hex,
  type PublicClient,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";

import { rpc } from "./rpc.ts";
import { CHECKOUT } from "./settings.ts";

/** ADI Testnet's id, which the local chain shares. */
export const CHAIN_ID = 99_999;

/** First of the keys that every local development chain funds: the operator's in all journeys. */
export const OPERATOR_KEY: Hex = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

/** Second of those keys: has gas, but no token. */
export const FUNDED_KEY: Hex = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";

const TOKEN = parseAbi([
  "function balanceOf(address) view returns (uint256)",
  "function totalSupply() view returns (uint256)",
  "function dripTo(address to) returns (uint256)",
]);

const ESCROW = readAbi("AkashEscrow");

/** An escrow as the contract reports it; amounts in micro-USDC. */
export interface Escrow {
  id: Hex;
  buyer: Address;
  status: "none" | "funded" | "active" | "closed";
  deposited: bigint;
  released: bigint;
  refunded: bigint;
  held: bigint;
}

/** What went in, what went out and what is there, in micro-USDC. */
export interface Books {
  /** Put into escrows, top-ups included. */
  deposited: bigint;
  /** Of that, earned by payees. */
  released: bigint;
  /** Of that, returned to buyers. */
  refunded: bigint;
  /** Of that, still undecided. */
  held: bigint;
  /** Earned or returned, but not yet withdrawn. */
  credited: bigint;
  /** Kept by buyers for later. */
  kept: bigint;
  /** The contract's own balance. */
  tokens: bigint;
}

const STATUSES = ["none", "funded", "active", "closed"] as const;

/** A local chain with Necto's contracts. */
export class Chain {
  readonly client: PublicClient;

  constructor(
    readonly rpcUrl: string,
    readonly contracts: { escrow: Address; usdc: Address; registry: Address },
  ) {
    const chain = defineChain({
      id: CHAIN_ID,
      name: "local",
      nativeCurrency: { name: "ADI", symbol: "ADI", decimals: 18 },
      rpcUrls: { default: { http: [rpcUrl] } },
    });
    this.client = createPublicClient({ chain, transport: http(rpcUrl), pollingInterval: 250 });
  }

  /** Calls any JSON-RPC method. */
  async call(method: string, params: unknown[] = []): Promise<unknown> {
    return rpc(this.rpcUrl, method, params);
  }

  /** Mines this many blocks at once, as time would. */
  async mine(blocks: number): Promise<void> {
    for (let mined = 0; mined < blocks; mined += 1) await this.call("evm_mine");
  }

  /** Moves the chain's clock forward and mines a block there. */
  async advance(seconds: number): Promise<void> {
    await this.call("evm_increaseTime", [seconds]);
    await this.call("evm_mine");
  }

  /** Gives an account its day's share of test USDC; another account pays the gas. */
  async giveTokens(who: Address): Promise<void> {
    await this.sendAs(FUNDED_KEY, this.contracts.usdc, TOKEN, "dripTo", [who]);
  }

  /** Sends a call as another wallet would, past Necto, and waits for its block. */
  async sendAs(key: Hex, address: Address, abi: Abi, functionName: string, args: unknown[]): Promise<void> {
    const account = privateKeyToAccount(key);
    const { chain } = this.client;
    const wallet = createWalletClient({ account, transport: http(this.rpcUrl), ...(chain ? { chain } : {}) });
    const { request } = await this.client.simulateContract({ account, address, abi, functionName, args });
    const hash = await wallet.writeContract(request);
    const { status } = await this.client.waitForTransactionReceipt({ hash });
    if (status !== "success") throw new Error(`${functionName} failed in ${hash}`);
  }

  /** Gives an account gas. */
  async giveGas(who: Address): Promise<void> {
    await this.call("anvil_setBalance", [who, "0xde0b6b3a7640000"]);
  }

  /** Gas balance in wei. */
  async gas(who: Address): Promise<bigint> {
    return this.client.getBalance({ address: who });
  }

  /** Token balance in micro-USDC. */
  async tokens(who: Address): Promise<bigint> {
    return this.client.readContract({
      address: this.contracts.usdc,
      abi: TOKEN,
      functionName: "balanceOf",
      args: [who],
    });
  }

  /** All escrows, in the order of funding. */
  async escrows(): Promise<Escrow[]> {
    const funded = await this.client.getContractEvents({
      address: this.contracts.escrow,
      abi: ESCROW,
      eventName: "Funded",
      fromBlock: 0n,
    });
    return Promise.all(
      funded.map(async (event) => {
        const { id, buyer } = (event as unknown as { args: { id: Hex; buyer: Address } }).args;
        const seen = (await this.client.readContract({
          address: this.contracts.escrow,
          abi: ESCROW,
          functionName: "escrow",
          args: [id],
        })) as { status: number; deposited: bigint; released: bigint; refunded: bigint };
        const { deposited, released, refunded } = seen;
        return {
          id,
          buyer,
          status: STATUSES[seen.status] ?? "none",
          deposited,
          released,
          refunded,
          held: deposited - released - refunded,
        };
      }),
    );
  }

  /** The books of the escrow contract, from its events, its state and the token. */
  async books(): Promise<Books> {
    const escrows = await this.escrows();
    const sum = (of: (escrow: Escrow) => bigint) => escrows.reduce((total, one) => total + of(one), 0n);
    return {
      deposited: sum((one) => one.deposited),
      released: sum((one) => one.released),
      refunded: sum((one) => one.refunded),
      held: sum((one) => one.held),
      credited: await this.owedTo("Credited", "who", "credit"),
      kept: await this.owedTo("Kept", "buyer", "keptOf"),
      tokens: await this.tokens(this.contracts.escrow),
    };
  }

  /** What the contract owes, by one of its views, to all accounts that one of its events ever named. */
  private async owedTo(eventName: string, field: string, view: string): Promise<bigint> {
    const { escrow: address } = this.contracts;
    const events = await this.client.getContractEvents({ address, abi: ESCROW, eventName, fromBlock: 0n });
    const named = new Set(events.map((event) => (event as unknown as { args: Record<string, Address> }).args[field]));
    const owed = await Promise.all(
      [...named].map((who) => this.client.readContract({ address, abi: ESCROW, functionName: view, args: [who] })),
    );
    return owed.reduce<bigint>((total, one) => total + (one as bigint), 0n);
  }
}

/** The interface of one of the contracts. */
export function readAbi(contract: string): Abi {
  const artefact = readFileSync(join(CHECKOUT, `contracts/abi/${contract}.json`), "utf8");
  return (JSON.parse(artefact) as { abi: Abi }).abi;
}
