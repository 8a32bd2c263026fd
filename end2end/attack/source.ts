// One of many clients that send requests: an address of this machine's own network, and optionally a session.
//
// All of 127.0.0.0/8 leads to this machine on Linux, so every source has a budget of its own at the server.

import { Agent, request, type IncomingHttpHeaders } from "node:http";
import { connect, type Socket } from "node:net";

/** An answer. */
export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** Longest wait for an answer. */
const PATIENCE_MS = 30_000;

let sources = 0;

/** An address that no other source of this run has. */
export function freshAddress(): string {
  sources += 1;
  return `127.${10 + (process.pid % 200)}.${1 + Math.floor(sources / 250)}.${1 + (sources % 250)}`;
}

/** A client at an address. */
export class Source {
  /** The session's cookie, once there is one. */
  cookie = "";
  private readonly agent: Agent;
  private next = 0;

  constructor(
    /** The servers, which are used in turn. */
    private readonly servers: readonly string[],
    readonly address = freshAddress(),
  ) {
    this.agent = new Agent({ keepAlive: true, localAddress: address, maxSockets: 64 });
  }

  /** Sends one request to the next of the servers; a cookie set by the answer is kept. */
  async send(method: "GET" | "POST", path: string, headers: Record<string, string> = {}, body?: string): Promise<Answer> {
    const server = new URL(this.servers[this.next++ % this.servers.length] ?? "");
    // Whichever server is asked, it is addressed by the public name.
    const host = new URL(this.servers[0] ?? "").host;
    return new Promise((resolve, reject) => {
      const asked = request(
        {
          host: server.hostname,
          port: server.port,
          method,
          path,
          agent: this.agent,
          localAddress: this.address,
          headers: { host, ...(this.cookie ? { cookie: this.cookie } : {}), ...headers },
        },
        (response) => {
          for (const cookie of response.headers["set-cookie"] ?? []) this.cookie = cookie.split(";", 1)[0] ?? "";
          let text = "";
          response.setEncoding("utf8");
          response.on("data", (piece: string) => (text += piece));
          response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
          response.on("error", reject);
        },
      );
      asked.setTimeout(PATIENCE_MS, () => asked.destroy(new Error(`${method} ${path} took more than ${PATIENCE_MS / 1000} s`)));
      asked.on("error", (error: NodeJS.ErrnoException) => {
        // A kept-alive connection that the server has just closed: the request is sent again on a fresh one, as
        // browsers do.
        if (asked.reusedSocket && error.code === "ECONNRESET") this.send(method, path, headers, body).then(resolve, reject);
        else reject(error);
      });
      asked.end(body);
    });
  }

  /** Fetches a page or another address. */
  async get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send("GET", path, headers);
  }

  /** Calls a server function. */
  async call(name: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const origin = this.servers[0] ?? "";
    return this.send("POST", `/api/${name}`, { "content-type": "application/json", origin, ...headers }, JSON.stringify(body));
  }

  /** Opens a connection to the first server and sends what is given, or nothing. */
  async connect(text: string): Promise<Socket> {
    const { hostname, port } = new URL(this.servers[0] ?? "");
    return new Promise((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port), localAddress: this.address }, () => {
        socket.off("error", reject);
        // What the server does to it is checked by the caller that opened it.
        socket.on("error", () => undefined);
        socket.write(text);
        resolve(socket);
      });
      socket.once("error", reject);
    });
  }

  /** Closes every connection. */
  leave(): void {
    this.agent.destroy();
  }
}

/** Runs `count` tasks, `atOnce` at a time, and returns their results in order. */
export async function many<T>(count: number, atOnce: number, what: (index: number) => Promise<T>): Promise<T[]> {
  const done: T[] = [];
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const index = next++;
      done[index] = await what(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker));
  return done;
}
