// A node of the chain that can be made to lie: a proxy between the server and the real one.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/** One JSON-RPC call. */
export interface RpcCall {
  method: string;
  params: unknown[];
}

/** What happens to a call: its honest answer is changed, or something else altogether. */
export type Lie =
  | { kind: "status"; status: number; body?: string }
  | { kind: "broken" }
  | { kind: "landed then lost" }
  | { kind: "silent" }
  | { kind: "changed"; result: (honest: unknown) => unknown };

/** Says whether and how a call goes wrong. */
export type Liar = (call: RpcCall) => Lie | undefined;

/** The proxy. Honest until told otherwise. */
export class RpcProxy {
  /** Methods that were called, in order. */
  readonly calls: string[] = [];
  private liar: Liar = () => undefined;
  private readonly hanging = new Set<ServerResponse>();

  private constructor(
    readonly url: string,
    private readonly upstream: string,
    private readonly server: Server,
  ) {}

  /** Starts one in front of the node at `upstream`. */
  static async start(upstream: string): Promise<RpcProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port was given");
    const proxy = new RpcProxy(`http://127.0.0.1:${address.port}`, upstream, server);
    server.on("request", (request, response) => {
      proxy.answer(request, response).catch(() => response.destroy());
    });
    return proxy;
  }

  /** Lies from now on as specified. */
  lie(liar: Liar): void {
    this.liar = liar;
  }

  /** Is honest again; callers that were kept waiting are released. */
  tellTheTruth(): void {
    this.liar = () => undefined;
    for (const response of this.hanging) response.destroy();
    this.hanging.clear();
  }

  /** Stops it. */
  async stop(): Promise<void> {
    this.tellTheTruth();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const piece of request) body += String(piece);
    const call = JSON.parse(body) as RpcCall;
    this.calls.push(call.method);
    const lie = this.liar({ method: call.method, params: call.params ?? [] });
    switch (lie?.kind) {
      case "status":
        response.writeHead(lie.status, { "content-type": "text/html" }).end(lie.body ?? "");
        return;
      case "broken":
        response.destroy();
        return;
      case "silent":
        this.hanging.add(response);
        return;
      default:
    }
    const honest = await fetch(this.upstream, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    const text = await honest.text();
    if (lie?.kind === "landed then lost") {
      response.destroy();
      return;
    }
    const reply = JSON.parse(text) as { result?: unknown };
    if (lie?.kind === "changed" && "result" in reply) reply.result = lie.result(reply.result);
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(reply));
  }
}
