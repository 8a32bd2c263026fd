// The simulated world's clock as the server sees it, which can be made to differ from all others.

import { createServer, type Server } from "node:http";

/** Stands between the server and the sandbox's clock. */
export class ClockProxy {
  private seconds = 0;

  private constructor(
    readonly url: string,
    private readonly server: Server,
  ) {}

  /** Starts one in front of the sandbox. */
  static async start(sandboxUrl: string): Promise<ClockProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port was given");
    const proxy = new ClockProxy(`http://127.0.0.1:${address.port}`, server);
    server.on("request", (_, response) => {
      fetch(`${sandboxUrl}/__sim/clock`)
        .then(async (honest) => (await honest.json()) as { offset_seconds: number })
        .then(({ offset_seconds: offset }) => {
          response.writeHead(200, { "content-type": "application/json" });
          response.end(JSON.stringify({ offset_seconds: offset + proxy.seconds }));
        })
        .catch(() => response.destroy());
    });
    return proxy;
  }

  /** Moves the server's clock alone. */
  skew(seconds: number): void {
    this.seconds = seconds;
  }

  /** Stops it. */
  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
