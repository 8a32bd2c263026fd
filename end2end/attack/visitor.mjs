// Another visitor, in a process of its own so that no attack slows the clock by which it is measured: loads pages
// repeatedly and reports on its standard output, once its input ends, how long each load took and what was answered.
//
// node visitor.mjs SERVER ADDRESS PATH…

import { Agent, request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

const [server, address, ...paths] = process.argv.slice(2);
const { hostname, port, host } = new URL(server);
const agent = new Agent({ keepAlive: true, localAddress: address });
// As fast as a hurried person, and far below every limit.
const PACE_MS = 500;
let cookie = "";
let over = false;
process.stdin.on("end", () => (over = true)).resume();

function load(path) {
  const began = performance.now();
  return new Promise((resolve) => {
    const ended = (status) => resolve({ path, status, ms: performance.now() - began });
    const asked = request({ host: hostname, port, path, agent, localAddress: address, headers: { host, cookie } }, (response) => {
      for (const set of response.headers["set-cookie"] ?? []) cookie = set.split(";", 1)[0];
      response.on("end", () => ended(response.statusCode)).on("error", () => ended(0)).resume();
    });
    asked.setTimeout(30_000, () => asked.destroy(new Error("too long")));
    asked.on("error", () => ended(0));
    asked.end();
  });
}

const loads = [];
for (let turn = 0; !over; turn += 1) {
  const one = await load(paths[turn % paths.length]);
  // The first load of each page fills caches.
  if (turn >= paths.length) loads.push(one);
  await pause(Math.max(0, PACE_MS - one.ms));
}
agent.destroy();
process.stdout.write(JSON.stringify(loads));
