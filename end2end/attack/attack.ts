// Helpers that all attacks share.

import { connect } from "node:net";

import { CORPUS } from "./corpus.ts";

export { expect, test } from "../harness/test.ts";

/** Sends a request as raw bytes, as no client library would; returns everything received within a second or two. */
export async function raw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let answer = "";
    const done = () => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2_000, done);
    socket.on("data", (data) => (answer += data.toString("latin1")));
    socket.on("end", done);
    socket.on("error", reject);
  });
}

/** Searches the page itself for elements and attributes that only the corpus can have introduced. */
export function findings(): string[] {
  const found = [...document.querySelectorAll("*")].flatMap((element) => {
    const name = element.localName;
    const hostile = [...element.attributes].filter(
      ({ name: attribute, value }) =>
        attribute.includes("necto-canary") ||
        attribute.startsWith("on") ||
        (["href", "src", "action", "formaction"].includes(attribute) && /^[\s\0-\x20]*javascript:/i.test(value)),
    );
    return [...(name.includes("necto-") ? [name] : []), ...hostile.map((one) => `${name} ${one.name}`)];
  });
  if (document.title.includes("necto-canary") && document.head.querySelectorAll("title").length !== 1) found.push("title");
  return found;
}

/** The whole corpus as one text. */
export const ALL = CORPUS.join(" ");
