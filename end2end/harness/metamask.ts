// MetaMask as a page sees it: its own page side (`@metamask/providers`) in front of a small signer in Node that refuses
// what MetaMask refuses. The rules below are MetaMask's behaviour, recorded from using it.

import { randomBytes } from "node:crypto";
import { join } from "node:path";

import type { BrowserContext, Page } from "@playwright/test";
import { build } from "esbuild";
import {
  createWalletClient,
  defineChain,
  hexToString,
  http,
  isAddress,
  isHex,
  type Address,
  type Hex,
  type TypedDataDefinition,
} from "viem";
import { generatePrivateKey, privateKeyToAccount, type PrivateKeyAccount } from "viem/accounts";

import { CHAIN_ID } from "./chain.ts";
import { rpc, type RpcError } from "./rpc.ts";
import { CHECKOUT } from "./settings.ts";

/** What its owner is asked for. */
export type Prompt =
  | "eth_requestAccounts"
  | "personal_sign"
  | "eth_signTypedData_v4"
  | "eth_sendTransaction"
  | "wallet_switchEthereumChain"
  | "wallet_addEthereumChain"
  | "wallet_watchAsset";

/** What its owner, or a fault of it, answers to the next prompt of a kind. */
export type Answer =
  | { kind: "refuse"; error: RpcError }
  /** The window stays open until it is answered. */
  | { kind: "wait"; until: Promise<void> }
  /** The network is added and not chosen. */
  | { kind: "add only" }
  /** A hash is returned and nothing is sent. */
  | { kind: "name"; hash: Hex };

/** A window that stays open. */
export interface OpenWindow {
  /** Confirms it. */
  confirm(): void;
}

/** Networks that MetaMask has by default, as far as they matter here. */
const MAINNET = 1;

const SAFE_URL = /^https:\/\/|^http:\/\/(localhost|127\.0\.0\.1)(:|\/|$)/;
const NETWORK_KEYS = ["chainId", "chainName", "blockExplorerUrls", "iconUrls", "rpcUrls", "nativeCurrency"];
const CHAIN_ID_FORM = /^0x[1-9a-f][0-9a-f]*$/i;

/** MetaMask, with one account. */
export class MetaMask {
  /** Everything it was asked, in order. */
  readonly requests: { method: string; params: unknown[] }[] = [];
  private readonly answers = new Map<Prompt, Answer[]>();
  private readonly networks = new Map<number, string | undefined>([[MAINNET, undefined]]);
  private readonly open = new Set<Prompt>();
  private account: PrivateKeyAccount;
  private permitted = false;
  private chainId = MAINNET;
  private lock: { opened: Promise<void>; unlock: () => void } | undefined;
  private pages = new Set<Page>();

  constructor(key: Hex = generatePrivateKey()) {
    this.account = privateKeyToAccount(key);
  }

  /** Address of the account in use. */
  get address(): Address {
    return this.account.address;
  }

  /** Makes it appear in every page of the context from now on. */
  async install(context: BrowserContext): Promise<void> {
    await context.exposeBinding("__metamaskAsk", async ({ page }, message: Message) => {
      this.pages.add(page);
      page.once("close", () => this.pages.delete(page));
      const { id, method, params } = message;
      try {
        return { id, jsonrpc: "2.0", result: await this.answer(method, (params ?? []) as unknown[]) };
      } catch (error) {
        return { id, jsonrpc: "2.0", error: asError(error) };
      }
    });
    await context.addInitScript({ content: await bundled() });
  }

  /** Knows the network and is on it, as after an earlier visit. */
  useNetwork(rpcUrl: string, chainId: number = CHAIN_ID): void {
    this.networks.set(chainId, rpcUrl);
    this.chainId = chainId;
  }

  /** Sets the answer to the next prompt of a kind; it is a yes by default. */
  next(prompt: Prompt, answer: Answer): void {
    this.answers.set(prompt, [...(this.answers.get(prompt) ?? []), answer]);
  }

  /** Leaves the next window of a kind open. */
  leaveOpen(prompt: Prompt): OpenWindow {
    let confirm: () => void = () => undefined;
    const until = new Promise<void>((resolve) => (confirm = resolve));
    this.next(prompt, { kind: "wait", until });
    return { confirm };
  }

  /** Locks itself. */
  async lockUp(): Promise<void> {
    let unlock: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => (unlock = resolve));
    this.lock = { opened, unlock };
    await this.tell("metamask_accountsChanged", []);
  }

  /** Is unlocked by its owner. */
  async unlock(): Promise<void> {
    this.lock?.unlock();
    this.lock = undefined;
    await this.tell("metamask_accountsChanged", this.shown());
  }

  /** Switches to another account, as its owner does in its window. */
  async changeAccount(key: Hex = generatePrivateKey()): Promise<void> {
    this.account = privateKeyToAccount(key);
    await this.tell("metamask_accountsChanged", this.shown());
  }

  /** Switches to another network, as its owner does in its window. */
  async changeNetwork(chainId: number): Promise<void> {
    if (!this.networks.has(chainId)) this.networks.set(chainId, undefined);
    this.chainId = chainId;
    await this.tell("metamask_chainChanged", { chainId: toHex(chainId), networkVersion: `${chainId}`, isConnected: true });
  }

  private async answer(method: string, params: unknown[]): Promise<unknown> {
    if (method === "metamask_getProviderState") {
      const [chainId, networkVersion] = [toHex(this.chainId), `${this.chainId}`];
      return { accounts: this.shown(), chainId, networkVersion, isUnlocked: !this.lock };
    }
    this.requests.push({ method, params });
    switch (method) {
      case "eth_chainId":
        return toHex(this.chainId);
      case "eth_accounts":
        return this.shown();
      case "eth_requestAccounts":
        if (this.permitted && !this.lock) return this.shown();
        await this.ask("eth_requestAccounts");
        this.permitted = true;
        await this.tell("metamask_accountsChanged", this.shown());
        return this.shown();
      case "wallet_revokePermissions":
        this.permitted = false;
        await this.tell("metamask_accountsChanged", []);
        return null;
      case "wallet_switchEthereumChain":
        return this.switchNetwork(params[0]);
      case "wallet_addEthereumChain":
        return this.addNetwork(params[0]);
      case "wallet_watchAsset":
        await this.ask("wallet_watchAsset");
        return true;
      case "personal_sign": {
        const [message, from] = params;
        this.mustBePermitted(from);
        if (!isHex(message)) throw invalid("Invalid message.");
        await this.ask("personal_sign");
        return this.account.signMessage({ message: hexToString(message) });
      }
      case "eth_signTypedData_v4": {
        const [from, text] = params;
        this.mustBePermitted(from);
        const data = this.readTypedData(text);
        await this.ask("eth_signTypedData_v4");
        return this.account.signTypedData(data);
      }
      case "eth_sendTransaction":
        return this.send(params[0]);
      default: {
        const url = this.networks.get(this.chainId);
        if (!url) throw { code: -32603, message: "No provider available." };
        return rpc(url, method, params);
      }
    }
  }

  /** Asks its owner, one window of a kind at a time. */
  private async ask(prompt: Prompt): Promise<Answer | undefined> {
    if (this.open.has(prompt)) {
      const message = `Request of type '${prompt}' already pending for origin. Please wait.`;
      throw { code: -32002, message };
    }
    this.open.add(prompt);
    try {
      await this.lock?.opened;
      const answer = this.answers.get(prompt)?.shift();
      if (answer?.kind === "refuse") throw answer.error;
      if (answer?.kind === "wait") await answer.until;
      return answer;
    } finally {
      this.open.delete(prompt);
    }
  }

  private async switchNetwork(asked: unknown): Promise<null> {
    const { chainId, ...rest } = objectOf(asked);
    mustHaveNoOther(Object.keys(rest));
    const wanted = readChainId(chainId);
    if (!this.networks.has(wanted)) {
      const message = `Unrecognized chain ID "${String(chainId)}". Try adding the chain using wallet_addEthereumChain first.`;
      throw { code: 4902, message };
    }
    if (wanted === this.chainId) return null;
    await this.ask("wallet_switchEthereumChain");
    await this.changeNetwork(wanted);
    return null;
  }

  private async addNetwork(asked: unknown): Promise<null> {
    const network = objectOf(asked);
    mustHaveNoOther(Object.keys(network).filter((key) => !NETWORK_KEYS.includes(key)));
    const wanted = readChainId(network["chainId"]);
    const urls = (name: string): string[] => (Array.isArray(network[name]) ? (network[name] as string[]) : []);
    const rpcUrl = urls("rpcUrls").find((url) => SAFE_URL.test(url));
    if (!rpcUrl) {
      throw invalid(`Expected an array with at least one valid string HTTPS url 'rpcUrls', Received:\n${JSON.stringify(network["rpcUrls"])}`);
    }
    const explorers = network["blockExplorerUrls"] ?? null;
    if (explorers !== null && !urls("blockExplorerUrls").some((url) => /^https:\/\//.test(url))) {
      throw invalid(`Expected null or array with at least one valid string HTTPS URL 'blockExplorerUrl'. Received: ${JSON.stringify(explorers)}`);
    }
    if (typeof network["chainName"] !== "string" || network["chainName"] === "") {
      throw invalid("Expected non-empty string 'chainName'.");
    }
    const { decimals, symbol } = objectOf(network["nativeCurrency"]);
    if (decimals !== 18) throw invalid("Expected the number 18 for 'nativeCurrency.decimals' when 'nativeCurrency' is provided.");
    if (typeof symbol !== "string" || symbol.length < 2 || symbol.length > 6) {
      throw invalid("Expected 2-6 character string 'nativeCurrency.symbol'.");
    }
    const found = Number(await rpc(rpcUrl, "eth_chainId", []));
    if (found !== wanted) throw invalid(`Chain ID returned by RPC URL ${rpcUrl} does not match ${String(network["chainId"])}`);
    const answer = await this.ask("wallet_addEthereumChain");
    this.networks.set(wanted, rpcUrl);
    if (answer?.kind !== "add only") await this.changeNetwork(wanted);
    return null;
  }

  private readTypedData(text: unknown): TypedDataDefinition {
    if (typeof text !== "string") throw invalid("Data must be passed as a valid JSON string.");
    const data = JSON.parse(text) as TypedDataDefinition & { domain: { chainId?: number | string } };
    for (const part of ["types", "primaryType", "domain", "message"]) {
      if (!(part in data)) throw invalid(`Data must conform to EIP-712 schema: ${part} is missing.`);
    }
    if (data.domain.chainId !== undefined && Number(data.domain.chainId) !== this.chainId) {
      throw invalid(`Provided chainId "${data.domain.chainId}" must match the active chainId "${this.chainId}"`);
    }
    return data;
  }

  private async send(asked: unknown): Promise<Hex> {
    const { from, to, data, value, chainId } = objectOf(asked);
    this.mustBePermitted(from);
    if (!isAddress(String(to), { strict: false })) throw invalid(`Invalid "to" address.`);
    if (data !== undefined && !isHex(data)) throw invalid(`Invalid transaction data.`);
    if (chainId !== undefined && Number(chainId) !== this.chainId) throw invalid("Invalid transaction: another chainId.");
    const answer = await this.ask("eth_sendTransaction");
    if (answer?.kind === "name") return answer.hash;
    const url = this.networks.get(this.chainId);
    if (!url) throw { code: -32603, message: "No provider available." };
    const chain = defineChain({
      id: this.chainId,
      name: "its network",
      nativeCurrency: { name: "ADI", symbol: "ADI", decimals: 18 },
      rpcUrls: { default: { http: [url] } },
    });
    const client = createWalletClient({ account: this.account, chain, transport: http(url) });
    return client.sendTransaction({
      to: String(to) as Address,
      ...(isHex(data) ? { data } : {}),
      ...(isHex(value) ? { value: BigInt(value) } : {}),
    });
  }

  private mustBePermitted(from: unknown): void {
    if (this.permitted && String(from).toLowerCase() === this.address.toLowerCase()) return;
    throw { code: 4100, message: "The requested account and/or method has not been authorized by the user." };
  }

  private shown(): string[] {
    return this.permitted && !this.lock ? [this.address.toLowerCase()] : [];
  }

  private async tell(method: string, params: unknown): Promise<void> {
    for (const page of this.pages) {
      await page.evaluate(
        (message) => {
          (window as unknown as { __metamaskTell?(message: unknown): void }).__metamaskTell?.(message);
        },
        { jsonrpc: "2.0", method, params },
      );
    }
  }
}

/** A hash that belongs to no transaction. */
export function unknownHash(): Hex {
  return `0x${randomBytes(32).toString("hex")}`;
}

interface Message {
  id?: number;
  method: string;
  params?: unknown;
}

let bundle: Promise<string> | undefined;

/** MetaMask's page side as one script, built once for each worker. */
function bundled(): Promise<string> {
  const here = join(CHECKOUT, "end2end/harness/metamask");
  bundle ??= build({
    entryPoints: [join(here, "page.js")],
    inject: [join(here, "shim.js")],
    bundle: true,
    write: false,
    platform: "browser",
    format: "iife",
    define: { global: "globalThis" },
    logLevel: "error",
  }).then(({ outputFiles }) => outputFiles[0]?.text ?? "");
  return bundle;
}

function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw invalid("Expected single, object parameter.");
  return value as Record<string, unknown>;
}

function mustHaveNoOther(keys: string[]): void {
  if (keys.length > 0) throw invalid(`Received unexpected keys on object parameter. Unsupported keys:\n${keys.join(", ")}`);
}

function readChainId(chainId: unknown): number {
  if (typeof chainId === "string" && CHAIN_ID_FORM.test(chainId)) return Number(chainId);
  throw invalid(`Expected 0x-prefixed, unpadded, non-zero hexadecimal string 'chainId'. Received: "${String(chainId)}"`);
}

function invalid(message: string): RpcError {
  return { code: -32602, message };
}

function toHex(number: number): Hex {
  return `0x${number.toString(16)}`;
}

function asError(error: unknown): RpcError {
  if (!(error instanceof Error)) return error as RpcError;
  const known = (error as { rpc?: RpcError }).rpc;
  return known ?? { code: -32603, message: error.message };
}
