// The sandbox's controls, and its state seen through the real shapes of the Console API.

/** What the sandbox noted of one request. */
export interface NotedRequest {
  method: string;
  path: string;
  status?: number;
}

/** The simulated outside world of one journey. */
export class Market {
  constructor(
    readonly url: string,
    private readonly key: string,
  ) {}

  /** Moves the sandbox's clock, and with it the server's, which follows. */
  async advance(seconds: number): Promise<void> {
    await this.post("/__sim/advance", { seconds });
  }

  /** Makes the next request or deployment that it fits go wrong in a named way, and only that one. */
  async scenario(name: string): Promise<void> {
    await this.post("/__sim/scenario", { name, times: 1 });
  }

  /** Requests the sandbox has received. */
  async requests(): Promise<NotedRequest[]> {
    const journal = (await this.get("/__sim/requests")) as NotedRequest[] | { requests: NotedRequest[] };
    return Array.isArray(journal) ? journal : journal.requests;
  }

  /** Ids of the deployments that are live right now. */
  async liveDeployments(): Promise<string[]> {
    const answer = (await this.get("/v1/deployments?limit=1000")) as {
      data: { deployments: { deployment: { id: { dseq: string }; state: string } }[] };
    };
    return answer.data.deployments
      .filter(({ deployment }) => deployment.state === "active")
      .map(({ deployment }) => deployment.id.dseq);
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
