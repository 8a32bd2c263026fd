// The sandbox's controls, and its state seen through the real shapes of the Console API.

/** The sandbox's record of one request. */
export interface NotedRequest {
  method: string;
  path: string;
  status: number | null;
  /** The body, if it was JSON. */
  body: unknown;
}

/** A deployment as the sandbox knows it. */
export interface Deployed {
  dseq: string;
  name: string;
  state: "active" | "closed";
  leases: { provider: string; price: string; state: string; manifest_delivered: boolean }[];
  /** What its providers run, as JSON. */
  manifest: string;
}

/** A seller who lists hardware on the chain. */
export interface Seller {
  /** Its address on Akash. */
  account: string;
  /** Its description of the hardware, as published. */
  description: string;
  usd_per_hour: string;
}

/** The simulated outside world of one journey. */
export class Market {
  private forgotten: ReadonlySet<string> = new Set();

  constructor(
    readonly url: string,
    private readonly key: string,
  ) {}

  /** Moves the sandbox's clock, and with it the server's, which follows. */
  async advance(seconds: number): Promise<void> {
    await this.post("/__sim/advance", { seconds });
  }

  /** Makes the next matching request or deployment fail in a named way, and only that one. */
  async scenario(name: string, choice: { times?: number; on?: string } = {}): Promise<void> {
    await this.post("/__sim/scenario", { name, times: 1, ...choice });
  }

  /** Removes the faults that have not struck. */
  async disarm(): Promise<void> {
    await this.exchange("/__sim/scenario", { method: "DELETE" });
  }

  /** All deployments with that name, past and present. */
  async deploymentsNamed(name: string): Promise<Deployed[]> {
    const { deployments } = (await this.get("/__sim/state")) as { deployments: Deployed[] };
    return deployments.filter((deployment) => deployment.name === name);
  }

  /** Every live deployment, with what it runs, without those forgotten. */
  async live(): Promise<Deployed[]> {
    const { deployments } = (await this.get("/__sim/state")) as { deployments: Deployed[] };
    return deployments.filter(({ dseq, state }) => state === "active" && !this.forgotten.has(dseq));
  }

  /** Sets the remaining funds of a deployment on Akash. */
  async setFunds(dseq: string, microUsd: number): Promise<void> {
    await this.post(`/__sim/escrow/${dseq}`, { funds_micro_usd: microUsd });
  }

  /** Sets the balance of the operator's account on Akash. */
  async setAccount(microUsd: number): Promise<void> {
    await this.post("/__sim/account", { balance_micro_usd: microUsd });
  }

  /** Switches every provider on or off; `noticed` says whether Akash notices. */
  async switchProviders(online: boolean, noticed = true): Promise<void> {
    const { providers } = (await this.get("/__sim/state")) as { providers: { address: string }[] };
    for (const { address } of providers) await this.post(`/__sim/provider/${address}`, { online, noticed });
  }

  /** Requests the sandbox has received. */
  async requests(): Promise<NotedRequest[]> {
    return (await this.get("/__sim/requests")) as NotedRequest[];
  }

  /** Makes the sandbox forget the requests that it has received. */
  async forgetRequests(): Promise<void> {
    await this.exchange("/__sim/requests", { method: "DELETE" });
  }

  /** The SDL of every deployment that was ever requested, in order. */
  async deployedSdl(): Promise<string[]> {
    const created = (await this.requests()).filter(
      ({ method, path }) => method === "POST" && path === "/v1/deployments",
    );
    return created.map(({ body }) => (body as { data: { sdl: string } }).data.sdl);
  }

  /** From here on, what is live now is no longer counted: it belongs to an earlier journey in the same world. */
  async forgetLiveDeployments(): Promise<void> {
    this.forgotten = new Set(await this.allLiveDeployments());
  }

  /** Ids of the deployments that are live right now, without those forgotten. */
  async liveDeployments(): Promise<string[]> {
    return (await this.allLiveDeployments()).filter((dseq) => !this.forgotten.has(dseq));
  }

  private async allLiveDeployments(): Promise<string[]> {
    const answer = (await this.get("/v1/deployments?limit=1000")) as {
      data: { deployments: { deployment: { id: { dseq: string }; state: string } }[] };
    };
    return answer.data.deployments
      .filter(({ deployment }) => deployment.state === "active")
      .map(({ deployment }) => deployment.id.dseq);
  }

  /** What the simulated sellers of the sandbox would put on the register of providers. */
  async sellers(): Promise<Seller[]> {
    return (await this.get("/__sim/sellers")) as Seller[];
  }

  private async get(path: string): Promise<unknown> {
    return this.exchange(path, {});
  }

  private async post(path: string, body: unknown): Promise<unknown> {
    return this.exchange(path, { method: "POST", body: JSON.stringify(body) });
  }

  private async exchange(path: string, init: RequestInit): Promise<unknown> {
    const response = await fetch(this.url + path, {
      ...init,
      headers: { "content-type": "application/json", "x-api-key": this.key },
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`the sandbox answered ${response.status} to ${path}: ${text}`);
    return text === "" ? null : JSON.parse(text);
  }
}
