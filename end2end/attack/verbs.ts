// Everything that can be requested, read from the source, so that nothing new is forgotten.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { CHECKOUT } from "../harness/settings.ts";

/** A kind of request. */
export interface Verb {
  name: string;
  method: "GET" | "POST";
  path: string;
  headers: Record<string, string>;
  body?: string;
}

/** An order that does not exist. */
const NO_ORDER = "00000000000070008000000000000000";

/** Every server function, called as its own page does, with meaningless arguments. */
function functions(): Verb[] {
  const folder = join(CHECKOUT, "app/src");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".rs"));
  const marked = files.flatMap((name) => [...readFileSync(join(folder, name), "utf8").matchAll(/#\[server\(([^\]]*)\)\]/g)]);
  // An optional argument is marked with the same word.
  const declared = marked.filter(([, settings]) => settings !== "default");
  return declared.map(([, settings = ""]) => {
    const name = /endpoint = "(\w+)"/.exec(settings)?.[1];
    if (!name) throw new Error(`a server function without an endpoint: ${settings}`);
    const isJson = settings.includes("input = Json");
    return {
      name,
      method: "POST",
      path: `/api/${name}`,
      headers: { "content-type": isJson ? "application/json" : "application/x-www-form-urlencoded" },
      body: isJson ? "{}" : "",
    };
  });
}

/** Pages and other addresses, except streams. */
function addresses(): Verb[] {
  const paths = [
    ...["/", "/market", "/templates", "/templates/redis", "/deploy?template=redis", "/deployments", `/deployments/${NO_ORDER}`],
    ...["/auto-sign", "/sessions", "/operator", "/nothing/here", "/api/market", `/api/orders/${NO_ORDER}/decision`],
  ];
  return paths.map((path) => ({ name: `GET ${path}`, method: "GET", path, headers: {} }));
}

/** All of them. */
export function verbs(): Verb[] {
  const all = [...functions(), ...addresses()];
  if (all.length < 40) throw new Error(`only ${all.length} verbs were found in the source`);
  return all;
}
