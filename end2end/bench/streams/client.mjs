// Opens streams and holds them: `client.mjs URL NUMBER`. Each comes from an address of its own on this machine, like
// those of unrelated clients.

import { connect } from "node:net";

/** Streams that are being opened at once. */
const AT_ONCE = 100;
/** How long a stream may take to begin. */
const PATIENCE_MS = 30_000;

const [target, number] = process.argv.slice(2);
if (!target || !number) throw new Error("client.mjs URL NUMBER");
const url = new URL(target);
const head = `GET ${url.pathname} HTTP/1.1\r\nhost: ${url.host}\r\naccept: text/event-stream\r\n\r\n`;
const held = [];
const refused = [];

/** Opens one stream; resolves with its first event. */
async function open(at) {
  const localAddress = `127.${1 + (at % 200)}.${Math.floor(at / 200) % 250}.1`;
  const socket = connect({ host: url.hostname, port: Number(url.port), localAddress });
  await new Promise((resolve, reject) => {
    let answer = "";
    const late = setTimeout(() => reject(new Error(`no event after: ${answer}`)), PATIENCE_MS);
    socket.once("error", reject);
    socket.once("close", () => reject(new Error(`closed after: ${answer}`)));
    socket.once("connect", () => socket.write(head));
    socket.on("data", (piece) => {
      answer += piece.toString();
      const body = answer.indexOf("\r\n\r\n");
      if (answer.length > 12 && !answer.startsWith("HTTP/1.1 200")) reject(new Error(answer.slice(0, 200)));
      if (body < 0 || !answer.includes("\n\n", body + 4)) return;
      clearTimeout(late);
      socket.removeAllListeners("data");
      socket.resume();
      resolve();
    });
  });
  held.push(socket);
}

let next = 0;
async function some() {
  for (let at = next++; at < Number(number); at = next++) {
    try {
      await open(at);
    } catch (error) {
      refused.push(String(error));
    }
  }
}
await Promise.all(Array.from({ length: AT_ONCE }, some));
process.send?.({ opened: held.length, refused: refused.slice(0, 5) });
