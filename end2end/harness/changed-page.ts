// What browser extensions, translators and password managers do to a page before its own script runs.

import type { Page } from "@playwright/test";

/** When a page is changed: while it is still being parsed, once it is there, or just before it wakes up. */
export const MOMENTS = ["while it is read", "once it is there", "before it wakes up"] as const;

export type Moment = (typeof MOMENTS)[number];

/** Changes by name. */
export const CHANGES = {
  "a node at the top of the body": () => document.body.prepend(foreign("div")),
  "a node at the end of the body": () => document.body.append(foreign("div")),
  "a node at the top of the application": () => document.getElementById("app")?.prepend(foreign("div")),
  "a node within main": () => document.querySelector("main")?.prepend(foreign("aside")),
  "a node beside each field": () => {
    for (const field of document.querySelectorAll("input, textarea, select")) {
      field.before(foreign("span"));
      field.after(foreign("span"));
    }
  },
  "a host of a shadow tree beside the title": () => {
    const host = foreign("necto-test-extension");
    host.attachShadow({ mode: "open" }).append("its own");
    document.querySelector("h1")?.after(host);
  },
  "words wrapped as translators do": () => {
    const words = document.createTreeWalker(document.querySelector("main") ?? document.body, NodeFilter.SHOW_TEXT);
    const found: Text[] = [];
    while (words.nextNode()) found.push(words.currentNode as Text);
    for (const text of found.filter(({ data }) => data.trim() !== "")) {
      const [outer, inner] = [document.createElement("font"), document.createElement("font")];
      text.replaceWith(outer);
      outer.append(inner);
      inner.append(text.data.toUpperCase());
    }
  },
  "comments removed": () => {
    const comments = document.createTreeWalker(document.body, NodeFilter.SHOW_COMMENT);
    const found: Node[] = [];
    while (comments.nextNode()) found.push(comments.currentNode);
    for (const comment of found) comment.parentNode?.removeChild(comment);
  },
  "white space changed": () => {
    document.querySelector("main")?.append("\n  ");
    document.body.append("\n");
  },
  "attributes added": () => {
    document.documentElement.classList.add("dark-reader");
    document.documentElement.style.setProperty("--theirs", "1");
    for (const element of document.querySelectorAll("input, a, button")) element.setAttribute("data-theirs", "1");
  },
  "a node replaced": () => {
    const title = document.querySelector("h1");
    title?.replaceWith(Object.assign(document.createElement("h2"), { textContent: title.textContent }));
  },
  "a node removed": () => document.querySelector("footer")?.remove(),
} satisfies Record<string, () => void>;

export type Change = keyof typeof CHANGES;

/** Changes every page that is loaded from now on. */
export async function changeAt(page: Page, moment: Moment, change: Change): Promise<void> {
  await page.addInitScript({
    content: `(() => {
      const foreign = ${foreign};
      const change = ${CHANGES[change]};
      (${atMoment})(${JSON.stringify(moment)}, change);
    })()`,
  });
}

/** Runs in the page. */
function foreign(name: string): HTMLElement {
  const element = document.createElement(name);
  element.setAttribute("data-foreign", "");
  element.textContent = "theirs";
  return element;
}

/** Runs in the page before any of its own code. */
function atMoment(moment: string, change: () => void): void {
  if (moment === "once it is there") {
    document.addEventListener("DOMContentLoaded", change);
  } else if (moment === "while it is read") {
    new MutationObserver((_, observer) => {
      if (!document.querySelector("main")) return;
      observer.disconnect();
      change();
    }).observe(document, { childList: true, subtree: true });
  } else {
    const start = WebAssembly.instantiateStreaming.bind(WebAssembly);
    let changed = false;
    WebAssembly.instantiateStreaming = async (...given) => {
      const started = await start(...given);
      if (!changed) change();
      changed = true;
      return started;
    };
  }
}
