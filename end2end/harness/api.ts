// Necto's own API, as a program would use it: the server functions over JSON, with a session cookie.

import { createHash } from "node:crypto";

import type { Address, Hex } from "viem";

/** The parts of an order that these journeys read. */
export interface OrderSeen {
  id: string;
  /** Its state's name, or the name with the details of that state. */
  state: string | Record<string, { quote?: { deposit: string } }>;
  sdl: string;
  refusal: { message: string } | null;
  notice: string | null;
  bids: { rejected: string | null }[];
  services: { name: string; uris: string[] }[];
}

/** One transaction to sign. */
export interface Call {
  to: Address;
  data: Hex;
}

/** What Necto offers to send for a buyer who signs it. */
export interface Offered {
  relay: { Offered?: { typed_data: string }; Declined?: { why: string } };
}

/** A session with Necto's server. */
export class Api {
  private cookie = "";

  constructor(private readonly url: string) {}

  /** Another browser with the same cookie. */
  twin(): Api {
    const twin = new Api(this.url);
    twin.cookie = this.cookie;
    return twin;
  }

  /** Signs in with an account that can sign messages. */
  async signIn(account: { address: Address; signMessage(of: { message: string }): Promise<Hex> }): Promise<void> {
    const message = await this.call<string>("challenge", { address: account.address.toLowerCase() });
    await this.call("sign_in", { message, signature: await account.signMessage({ message }) });
  }

  /** Brings a buyer's own SDL and waits until it is priced or refused. */
  async importSdl(text: string, seconds: number): Promise<OrderSeen> {
    return this.ask({ kind: "sdl", text, duration: seconds });
  }

  /** The SDL with strong secrets in place of guessable ones; nothing where they can only be written by hand. */
  async withSecrets(text: string): Promise<string | undefined> {
    return this.call<string>("generate_secrets", { text }).catch((error: unknown) => {
      if (String(error).includes("shared through an alias")) return undefined;
      throw error;
    });
  }

  private async ask(ask: unknown): Promise<OrderSeen> {
    const answer = await this.post("describe", { ask });
    const lines = (await answer.text()).trim().split("\n").map((line) => JSON.parse(line) as string | { order?: { id: string } });
    const [id] = lines.flatMap((line) => (typeof line === "object" && line.order ? [line.order.id] : []));
    if (!id) throw new Error(`no order in: ${JSON.stringify(lines)}`);
    return this.order(id);
  }

  /** Says in words what to run and waits until it is priced, refused or paid. */
  async describe(text: string): Promise<OrderSeen> {
    return this.ask({ kind: "words", text });
  }

  /** An order as it is now. */
  async order(id: string): Promise<OrderSeen> {
    return this.call<OrderSeen>("open_order", { order: id });
  }

  /** The two transactions of a deposit; by default the best bid is then accepted automatically. */
  async prepareDeposit(id: string, acceptance: "automatic" | "manual" = "automatic"): Promise<Offered & { escrow: Hex; approve: Call; fund: Call }> {
    const { sdl } = await this.order(id);
    const text = `0x${createHash("sha256").update(sdl).digest("hex")}`;
    return this.call("prepare_deposit", { order: id, text, acceptance });
  }

  /** Closes a deployment. */
  async close(id: string): Promise<void> {
    await this.call("close_deployment", { order: id });
  }

  /** A page as this session sees it. */
  async page(path: string): Promise<{ status: number; text: string }> {
    const response = await fetch(this.url + path, { headers: { cookie: this.cookie } });
    return { status: response.status, text: await response.text() };
  }

  /** Sends a plain form of such a page. */
  async form(path: string, fields: Record<string, string>): Promise<number> {
    const response = await fetch(this.url + path, {
      method: "POST",
      redirect: "manual",
      headers: { "content-type": "application/x-www-form-urlencoded", origin: this.url, cookie: this.cookie },
      body: new URLSearchParams(fields),
    });
    return response.status;
  }

  /** Sends a request and reads the JSON of the answer. */
  async call<T>(name: string, body: unknown): Promise<T> {
    return JSON.parse(await (await this.post(name, body)).text()) as T;
  }

  private async post(name: string, body: unknown): Promise<Response> {
    const response = await fetch(`${this.url}/api/${name}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        origin: this.url,
        ...(this.cookie ? { cookie: this.cookie } : {}),
      },
      body: JSON.stringify(body),
    });
    for (const cookie of response.headers.getSetCookie()) this.cookie = cookie.split(";", 1)[0] ?? "";
    if (!response.ok) throw new Error(`${name}: ${response.status} ${await response.text()}`);
    return response;
  }
}

/** The name of the state an order is in. */
export function stateOf(order: OrderSeen): string {
  return typeof order.state === "string" ? order.state : (Object.keys(order.state)[0] ?? "");
}

/** The quoted deposit of an order, in micro-USDC. */
export function quotedDeposit(order: OrderSeen): bigint | undefined {
  if (typeof order.state === "string") return undefined;
  const deposit = order.state["quoted"]?.quote?.deposit;
  return deposit === undefined ? undefined : BigInt(deposit);
}
