// A wallet that the journeys control: an EIP-1193 provider in the page, announced over EIP-6963, whose keys and
// decisions are here in Node, where the page cannot reach them.

import type { BrowserContext, Page } from "@playwright/test";
import {
  createWalletClient,
  defineChain,
  hexToString,
  http,
  isHex,
  type Address,
  type Hex,
  type TypedDataDefinition,
} from "viem";
import { generatePrivateKey, privateKeyToAccount, type PrivateKeyAccount } from "viem/accounts";

import { CHAIN_ID } from "./chain.ts";
import { rpc, type RpcError } from "./rpc.ts";

/** Methods for which a wallet asks its owner. */
export const ASKING = [
  "eth_requestAccounts",
  "personal_sign",
  "eth_signTypedData_v4",
  "eth_sendTransaction",
  "wallet_switchEthereumChain",
  "wallet_addEthereumChain",
  "wallet_watchAsset",
] as const;

type Asking = (typeof ASKING)[number];

/** A request that reached the wallet. */
export interface WalletRequest {
  method: string;
  params: unknown[];
}

/** How the next prompt of a method is answered instead of a yes. */
export interface Refusal {
  code: number;
  message: string;
}

/** The refusals that a real wallet gives. */
export const REFUSALS = {
  rejected: { code: 4001, message: "User rejected the request." },
  unknownChain: { code: 4902, message: "Unrecognized chain ID." },
  pending: { code: -32002, message: "Request already pending." },
  internal: { code: -32603, message: "Internal JSON-RPC error." },
} satisfies Record<string, Refusal>;

/** How a wallet starts. */
export interface WalletOptions {
  /** Private key; a fresh one, with neither gas nor token, where absent. */
  key?: Hex;
  /** Name that it announces. */
  name?: string;
  /** Chain it is on. */
  chainId?: number;
  /** Chains it knows. */
  knownChains?: number[];
}

/** The wallet. */
export class TestWallet {
  /** Everything it was asked, in order. */
  readonly requests: WalletRequest[] = [];
  private readonly refusals = new Map<Asking, Refusal[]>();
  private readonly known: Set<number>;
  private secret: Hex;
  private account: PrivateKeyAccount;
  private authorised = false;
  private chainId: number;
  private readonly name: string;

  constructor(
    private rpcUrl: string,
    options: WalletOptions = {},
  ) {
    this.secret = options.key ?? generatePrivateKey();
    this.account = privateKeyToAccount(this.secret);
    this.chainId = options.chainId ?? CHAIN_ID;
    this.known = new Set(options.knownChains ?? [CHAIN_ID, this.chainId]);
    this.name = options.name ?? "Test wallet";
  }

  /** Address of the account in use. */
  get address(): Address {
    return this.account.address;
  }

  /** The key of the account in use, for what its owner does without a page. */
  get key(): Hex {
    return this.secret;
  }

  /** Makes the wallet appear in every page of the context from now on. */
  async install(context: BrowserContext): Promise<void> {
    await context.exposeBinding("__testWallet", async (_source, method: string, params: unknown[]) => {
      try {
        return { result: await this.answer(method, params) };
      } catch (error) {
        return { error: asRpcError(error) };
      }
    });
    await context.addInitScript(announce, this.name);
  }

  /** Refuses the next prompt of a method. */
  refuseNext(method: Asking, refusal: Refusal): void {
    this.refusals.set(method, [...(this.refusals.get(method) ?? []), refusal]);
  }

  /** Switches to another account, as a user does in the wallet's own window. */
  async changeAccount(page: Page, key: Hex = generatePrivateKey()): Promise<void> {
    this.secret = key;
    this.account = privateKeyToAccount(key);
    await emit(page, "accountsChanged", [this.address]);
  }

  /** Switches to another chain, as a user does in the wallet's own window; also before any page is open. */
  async changeChain(page: Page, chainId: number): Promise<void> {
    this.chainId = chainId;
    this.known.add(chainId);
    await emit(page, "chainChanged", toHex(chainId));
  }

  /** Is on another chain from now on, without announcing it. */
  beOn(chainId: number): void {
    this.chainId = chainId;
  }

  /** Sends an event to a page, true or not. */
  async emit(page: Page, event: string, argument: unknown): Promise<void> {
    await emit(page, event, argument);
  }

  /** Forgets a chain, as if it had never been added. */
  forget(chainId: number): void {
    this.known.delete(chainId);
  }

  /** Uses another node from now on, which may be of a chain that only claims to be the right one. */
  useNode(rpcUrl: string): void {
    this.rpcUrl = rpcUrl;
  }

  private async answer(method: string, params: unknown[]): Promise<unknown> {
    this.requests.push({ method, params });
    const refusal = this.refusals.get(method as Asking)?.shift();
    if (refusal) throw Object.assign(new Error(refusal.message), { rpc: refusal });
    switch (method) {
      case "eth_chainId":
        return toHex(this.chainId);
      case "net_version":
        return `${this.chainId}`;
      case "eth_accounts":
        return this.authorised ? [this.address] : [];
      case "eth_requestAccounts":
        this.authorised = true;
        return [this.address];
      case "personal_sign":
        return this.account.signMessage({ message: readMessage(params[0]) });
      case "eth_signTypedData_v4":
        return this.account.signTypedData(JSON.parse(String(params[1])) as TypedDataDefinition);
      case "eth_sendTransaction":
        return this.send(params[0] as SentTransaction);
      case "wallet_switchEthereumChain":
        return this.switchTo(Number((params[0] as { chainId: string }).chainId));
      case "wallet_addEthereumChain":
        this.known.add(Number((params[0] as { chainId: string }).chainId));
        return this.switchTo(Number((params[0] as { chainId: string }).chainId));
      case "wallet_watchAsset":
        return true;
      case "wallet_revokePermissions":
        this.authorised = false;
        return null;
      default:
        return rpc(this.rpcUrl, method, params);
    }
  }

  private switchTo(chainId: number): { changedTo: string } | null {
    if (!this.known.has(chainId)) {
      throw Object.assign(new Error(REFUSALS.unknownChain.message), { rpc: REFUSALS.unknownChain });
    }
    if (this.chainId === chainId) return null;
    this.chainId = chainId;
    return { changedTo: toHex(chainId) };
  }

  private async send(transaction: SentTransaction): Promise<Hex> {
    const chain = defineChain({
      id: this.chainId,
      name: "wallet's chain",
      nativeCurrency: { name: "ADI", symbol: "ADI", decimals: 18 },
      rpcUrls: { default: { http: [this.rpcUrl] } },
    });
    const client = createWalletClient({ account: this.account, chain, transport: http(this.rpcUrl) });
    return client.sendTransaction({
      to: transaction.to,
      ...(transaction.data ? { data: transaction.data } : {}),
      ...(transaction.value ? { value: BigInt(transaction.value) } : {}),
    });
  }
}

interface SentTransaction {
  to: Address;
  data?: Hex;
  value?: Hex;
}

/** Runs in the page before any of its own code. */
function announce(name: string): void {
  type Listener = (argument: unknown) => void;
  type Answer = { result?: unknown; error?: { code: number; message: string; data?: unknown } };
  const page = window as unknown as {
    __testWallet(method: string, params: unknown[]): Promise<Answer>;
    __testWalletEmit(event: string, argument: unknown): void;
    __testWalletWanted?: true;
  };
  const listeners = new Map<string, Set<Listener>>();
  page.__testWalletEmit = (event, argument) => {
    for (const listener of listeners.get(event) ?? []) listener(argument);
  };
  const provider = {
    async request({ method, params }: { method: string; params?: unknown[] }): Promise<unknown> {
      const { result, error } = await page.__testWallet(method, params ?? []);
      if (error) throw Object.assign(new Error(error.message), { code: error.code, data: error.data });
      if (result !== null && typeof result === "object" && "changedTo" in result) {
        page.__testWalletEmit("chainChanged", result.changedTo);
        return null;
      }
      return result;
    },
    on(event: string, listener: Listener) {
      listeners.set(event, (listeners.get(event) ?? new Set()).add(listener));
      return provider;
    },
    removeListener(event: string, listener: Listener) {
      listeners.get(event)?.delete(listener);
      return provider;
    },
  };
  const info = Object.freeze({
    uuid: "6a5f6a3e-6b2c-4a57-9d0e-0f5f3a1c2b4d",
    name,
    icon: "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'/%3E",
    rdns: "xyz.necto.test",
  });
  const detail = Object.freeze({ info, provider });
  const tell = () => window.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
  window.addEventListener("eip6963:requestProvider", () => {
    page.__testWalletWanted = true;
    tell();
  });
  tell();
}

async function emit(page: Page, event: string, argument: unknown): Promise<void> {
  await page.evaluate(
    ([name, value]) =>
      (window as unknown as { __testWalletEmit?(event: string, argument: unknown): void }).__testWalletEmit?.(
        name as string,
        value,
      ),
    [event, argument],
  );
}

function readMessage(parameter: unknown): string {
  const text = String(parameter);
  return isHex(text) ? hexToString(text) : text;
}

function toHex(number: number): Hex {
  return `0x${number.toString(16)}`;
}

function asRpcError(error: unknown): RpcError {
  const known = (error as { rpc?: RpcError }).rpc;
  if (known) return known;
  return { code: REFUSALS.internal.code, message: error instanceof Error ? error.message : String(error) };
}
