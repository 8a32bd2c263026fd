// A buyer without a browser: the same HTTP calls and the same transactions.

import {
  createWalletClient,
  defineChain,
  encodeFunctionData,
  http,
  type Abi,
  type Hex,
  type TypedDataDefinition,
  type WalletClient,
} from "viem";
import { generatePrivateKey, privateKeyToAccount, type PrivateKeyAccount } from "viem/accounts";

import { Api, quotedDeposit, stateOf, type Call, type Offered, type OrderSeen } from "./api.ts";
import { CHAIN_ID, readAbi } from "./chain.ts";
import type { World } from "./world.ts";

const TOKEN = readAbi("TestnetUSDC");
const ESCROW = readAbi("AkashEscrow");
const GAS = 900_000n;
const ONE_COIN = `0x${(10n ** 18n).toString(16)}`;

/** A small web page: every provider can host it. */
export const WEB_PAGE = `version: "2.0"
services:
  web:
    image: nginx:1.27.3
    expose:
      - port: 80
        as: 80
        to:
          - global: true
profiles:
  compute:
    web:
      resources:
        cpu:
          units: 0.5
        memory:
          size: 512Mi
        storage:
          size: 512Mi
  placement:
    anywhere:
      pricing:
        web:
          denom: uact
          amount: 10000
deployment:
  web:
    anywhere:
      profile: web
      count: 1
`;

/** A job that does its work, reports its exit code and ends: with half a CPU any provider can run it. */
export const BATCH_JOB = WEB_PAGE.replace(
  "image: nginx:1.27.3",
  `image: debian:12.8
    command:
      - sh
      - -c
      - 'du -s /usr; echo "necto: exit code $?"'
    env:
      - NECTO_BATCH=1
      - SIM_SCENARIO=completes`,
);

/** The default duration of an order. */
const HOUR = 3_600;

/** A buyer with a wallet of their own. */
export class Headless {
  private constructor(
    private readonly world: World,
    readonly api: Api,
    readonly account: PrivateKeyAccount,
    private readonly wallet: WalletClient,
  ) {}

  /** A new buyer, signed in, with gas and a day's share of test USDC. */
  static async arrive(world: World): Promise<Headless> {
    const account = privateKeyToAccount(generatePrivateKey());
    const chain = defineChain({
      id: CHAIN_ID,
      name: "local",
      nativeCurrency: { name: "ADI", symbol: "ADI", decimals: 18 },
      rpcUrls: { default: { http: [world.chain.rpcUrl] } },
    });
    const wallet = createWalletClient({ account, chain, transport: http(world.chain.rpcUrl), pollingInterval: 200 });
    await world.chain.call("anvil_setBalance", [account.address, ONE_COIN]);
    const buyer = new Headless(world, new Api(world.url), account, wallet);
    await buyer.token("drip", []);
    await buyer.api.signIn(account);
    return buyer;
  }

  /** Brings an SDL and waits for its price; returns the order's id and its quoted deposit. */
  async order(sdl: string = WEB_PAGE, seconds: number = HOUR): Promise<{ id: string; deposit: bigint }> {
    return priced(await this.api.importSdl(sdl, seconds));
  }

  /** Says in words what to run and waits for its price. */
  async orderInWords(text: string): Promise<{ id: string; deposit: bigint }> {
    return priced(await this.api.describe(text));
  }

  /** Keeps that much with the escrow contract and switches auto-sign on, up to the ceiling. */
  async keepAndArm(micros: bigint, pace: "at_once" | "after_countdown" = "at_once"): Promise<void> {
    for (const call of await this.api.call<Call[]>("prepare_keep", { amount: micros.toString() })) await this.send(call);
    const limits = { per_order: "20000000", per_day: "20000000", lasts: 7 * 86_400 };
    const plan = await this.api.call<{ policy: unknown; typed_data: string }>("prepare_policy", { limits });
    const signature = await this.account.signTypedData(JSON.parse(plan.typed_data) as TypedDataDefinition);
    await this.api.call("arm_policy", { policy: plan.policy, signature, pace });
  }

  /** Approves and funds; returns the funding transaction. */
  async pay(id: string, acceptance: "automatic" | "manual" = "automatic"): Promise<Hex> {
    const { approve, fund } = await this.api.prepareDeposit(id, acceptance);
    await this.send(approve);
    return this.send(fund);
  }

  /** Signs the deposit once; Necto sends it. */
  async signDeposit(id: string): Promise<void> {
    const { relay, escrow } = await this.api.prepareDeposit(id);
    await this.api.call("relay_deposit", { order: id, escrow, signature: await this.signed({ relay }) });
  }

  /** Signs one top-up of a running order; returns the arguments for sending it through Necto, however often. */
  async signTopUp(id: string, micros: bigint): Promise<Record<string, unknown>> {
    const asked = { order: id, amount: micros.toString() };
    const plan = await this.api.call<Offered & { top_up: unknown; valid_before: unknown }>("prepare_top_up", asked);
    const { top_up, valid_before } = plan;
    return { order: id, top_up, valid_before, signature: await this.signed(plan) };
  }

  private async signed({ relay }: Offered): Promise<Hex> {
    if (!relay.Offered) throw new Error(`nothing to sign: ${relay.Declined?.why ?? ""}`);
    return this.account.signTypedData(JSON.parse(relay.Offered.typed_data) as TypedDataDefinition);
  }

  /** Adds money to a running order. */
  async topUp(id: string, micros: bigint): Promise<void> {
    const plan = await this.api.call<{ calls: Call[] }>("prepare_top_up", { order: id, amount: micros.toString() });
    for (const call of plan.calls) await this.send(call);
  }

  /** Sends one prepared transaction and waits for its block. */
  async send(call: { to: Hex; data: Hex }): Promise<Hex> {
    const hash = await this.wallet.sendTransaction({
      account: this.account,
      chain: this.wallet.chain ?? null,
      to: call.to,
      data: call.data,
      gas: GAS,
    });
    await this.world.chain.client.waitForTransactionReceipt({ hash });
    return hash;
  }

  /** Sends one transaction and, before it is in a block, another that replaces it; returns both hashes. */
  async sendAndReplace(call: { to: Hex; data: Hex }, instead: { to: Hex; data: Hex }): Promise<[Hex, Hex]> {
    await this.world.chain.call("evm_setIntervalMining", [0]);
    const nonce = await this.world.chain.client.getTransactionCount({ address: this.account.address });
    const fees = await this.world.chain.client.estimateFeesPerGas();
    const priced = (times: bigint) => ({
      maxFeePerGas: fees.maxFeePerGas * times,
      maxPriorityFeePerGas: fees.maxPriorityFeePerGas * times,
    });
    const common = { account: this.account, chain: this.wallet.chain ?? null, gas: GAS, nonce };
    const first = await this.wallet.sendTransaction({ ...common, ...call, ...priced(1n) });
    const second = await this.wallet.sendTransaction({ ...common, ...instead, ...priced(3n) });
    await this.world.chain.call("evm_setIntervalMining", [1]);
    await this.world.chain.client.waitForTransactionReceipt({ hash: second });
    return [first, second];
  }

  /** Calls the token. */
  async token(functionName: string, args: unknown[]): Promise<Hex> {
    return this.send({ to: this.world.chain.contracts.usdc, data: encoded(TOKEN, functionName, args) });
  }

  /** Calls the escrow contract past Necto. */
  async escrow(functionName: string, args: unknown[]): Promise<Hex> {
    return this.send({ to: this.world.chain.contracts.escrow, data: encoded(ESCROW, functionName, args) });
  }
}

function priced(order: OrderSeen): { id: string; deposit: bigint } {
  const deposit = quotedDeposit(order);
  if (deposit === undefined) throw new Error(`not quoted but ${stateOf(order)}: ${order.refusal?.message ?? ""}`);
  return { id: order.id, deposit };
}

function encoded(abi: Abi, functionName: string, args: unknown[]): Hex {
  return encodeFunctionData({ abi, functionName, args });
}
