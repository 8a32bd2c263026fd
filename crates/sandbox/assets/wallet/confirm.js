// The demo wallet's confirm page: shows one request and sends the decision to the sandbox.
//
// The token that opens this browser's account is kept in this origin's storage. No other page can
// read it, and no request is carried out without it.
(() => {
  "use strict";
  const id = new URLSearchParams(location.search).get("id") ?? "";
  const memory = "necto.demo-wallet.token";
  const element = (name) => document.getElementById(name);
  let decided = false;

  const post = async (path, body) => {
    const response = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const answer = await response.json().catch(() => null);
    if (!response.ok || !answer) throw new Error(answer?.error?.message ?? `The sandbox answered ${response.status}.`);
    return answer;
  };

  const end = (title, text) => {
    decided = true;
    document.querySelector("main").setAttribute("aria-busy", "false");
    element("decision").hidden = true;
    element("title").textContent = title;
    element("intro").textContent = text;
    element("outcome").textContent = "You can close this window.";
    element("title").focus();
  };

  const show = (view) => {
    element("title").textContent = view.title;
    element("intro").textContent = view.intro;
    element("warning").hidden = !view.warning;
    element("warning").textContent = view.warning ?? "";
    element("facts").replaceChildren(
      ...view.facts.flatMap(([label, value]) => {
        const name = document.createElement("dt");
        name.textContent = label;
        const text = document.createElement("dd");
        text.textContent = value;
        return [name, text];
      }),
    );
    element("more").hidden = !view.raw;
    element("raw").textContent = view.raw ?? "";
    element("approve").textContent = view.approve;
    element("decision").hidden = false;
    document.querySelector("main").setAttribute("aria-busy", "false");
    element("title").focus();
  };

  const decide = async (approve) => {
    for (const button of element("decision").querySelectorAll("button")) button.disabled = true;
    element("outcome").textContent = approve ? "Working…" : "";
    decided = true;
    try {
      const answer = await post("/wallet/decide", { id, token: localStorage.getItem(memory), approve });
      if (answer.error) {
        end("It did not work", answer.error.message);
        return;
      }
      end(approve ? "Done" : "Rejected", "The page that asked has its answer.");
      window.close();
    } catch (error) {
      end("It did not work", error.message);
    }
  };

  element("decision").addEventListener("submit", (event) => {
    event.preventDefault();
    decide(true);
  });
  element("reject").addEventListener("click", () => decide(false));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !decided && !element("decision").hidden) decide(false);
  });
  window.addEventListener("pagehide", () => {
    if (decided) return;
    const body = JSON.stringify({ id, token: localStorage.getItem(memory), approve: false });
    navigator.sendBeacon("/wallet/decide", new Blob([body], { type: "application/json" }));
  });

  const start = async () => {
    const view = await post("/wallet/view", { id, token: localStorage.getItem(memory) });
    if (view.token) localStorage.setItem(memory, view.token);
    show(view);
  };
  start().catch((error) => end("Nothing to confirm", error.message));
})();
