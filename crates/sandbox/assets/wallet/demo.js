// The demo wallet (simulated): an EIP-1193 provider announced over EIP-6963.
//
// It holds no key. Reads go to the sandbox that served this script, which forwards an allow-list of
// them to the local chain; everything that needs consent is decided on the sandbox's own page.
// Request and answer travel through the sandbox, so that a page whose opener policy isolates it from
// its pop-ups can use the wallet too.
(() => {
  "use strict";
  const origin = new URL(document.currentScript.src).origin;
  const memory = "necto.demo-wallet.account";
  const chainId = "0x1869f";
  const needsConsent = new Set([
    "eth_requestAccounts",
    "wallet_requestPermissions",
    "personal_sign",
    "eth_signTypedData_v4",
    "eth_sendTransaction",
    "wallet_watchAsset",
  ]);
  const listeners = new Map();
  let verified = null;

  class ProviderRpcError extends Error {
    constructor({ code, message, data }) {
      super(message);
      this.name = "ProviderRpcError";
      this.code = code;
      this.data = data;
    }
  }

  const remembered = () => {
    try {
      return localStorage.getItem(memory);
    } catch {
      return verified;
    }
  };

  const remember = (account) => {
    const before = remembered();
    verified = account;
    try {
      if (account) localStorage.setItem(memory, account);
      else localStorage.removeItem(memory);
    } catch {
      // Without storage the connection lasts as long as the page.
    }
    if (before !== account) emit("accountsChanged", account ? [account] : []);
  };

  const emit = (event, value) => {
    for (const listener of [...(listeners.get(event) ?? [])]) listener(value);
  };

  const post = async (path, body) => {
    let response;
    try {
      response = await fetch(origin + path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        credentials: "omit",
        body: JSON.stringify(body),
      });
    } catch {
      throw new ProviderRpcError({ code: 4900, message: "The demo wallet's sandbox does not answer." });
    }
    const answer = await response.json().catch(() => null);
    if (answer?.error) throw new ProviderRpcError(answer.error);
    if (!response.ok) throw new ProviderRpcError({ code: -32603, message: `The demo wallet answered ${response.status}.` });
    return answer;
  };

  const read = async (method, params) => (await post("/wallet/rpc", { method, params })).result;

  const newId = () =>
    Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

  // The window is opened before anything is awaited: later, the browser would block it.
  const openWindow = () => {
    const id = newId();
    const features = "popup,width=440,height=680";
    const popup = window.open(`${origin}/wallet/confirm?id=${id}`, `necto-demo-wallet-${id}`, features);
    return { id, popup };
  };

  const consent = async ({ id, popup }, method, params) => {
    if (!popup) {
      const message = "The browser blocked the demo wallet's window. Allow pop-ups for this page and try again.";
      throw new ProviderRpcError({ code: -32603, message });
    }
    await post(`/wallet/requests/${id}`, { method, params });
    let closedFor = 0;
    for (;;) {
      const answer = await post(`/wallet/requests/${id}/result`, {});
      if (answer.state === "done") return answer.result;
      // Once shown, the confirm page itself reports that it was closed; a window that was closed
      // before that cannot. Under a strict opener policy every window appears closed.
      closedFor = popup.closed && !answer.shown ? closedFor + 1 : 0;
      if (closedFor > 5) {
        await post(`/wallet/requests/${id}/cancel`, {});
        throw new ProviderRpcError({ code: 4001, message: "The request was dismissed in the demo wallet." });
      }
    }
  };

  const accounts = async () => {
    const account = remembered();
    if (!account) return [];
    if (verified === account) return [account];
    const known = await read("eth_accounts", [account]);
    if (known.length === 0) remember(null);
    else verified = account;
    return known;
  };

  const connect = async () => {
    if (remembered() && verified !== remembered()) {
      const known = await accounts();
      if (known.length > 0) return known;
    }
    if (remembered()) return [remembered()];
    const result = await consent(openWindow(), "eth_requestAccounts", []);
    remember(result[0]);
    emit("connect", { chainId });
    return result;
  };

  const permissions = (list) =>
    list.length > 0
      ? [{ parentCapability: "eth_accounts", caveats: [{ type: "restrictReturnedAccounts", value: list }] }]
      : [];

  const otherChain = () =>
    new ProviderRpcError({
      code: 4902,
      message: "The demo wallet only knows the local chain (99999).",
    });

  const isLocal = (params) => {
    const wanted = params?.[0]?.chainId;
    return typeof wanted === "string" && Number(wanted) === Number(chainId);
  };

  const request = (call) => {
    const { method, params = [] } = call ?? {};
    if (typeof method !== "string") {
      return Promise.reject(new ProviderRpcError({ code: -32602, message: "A request needs a method." }));
    }
    switch (method) {
      case "eth_accounts":
        return accounts();
      case "eth_coinbase":
        return accounts().then((list) => list[0] ?? null);
      case "eth_requestAccounts":
        return connect();
      case "wallet_requestPermissions":
        return connect().then(permissions);
      case "wallet_getPermissions":
        return accounts().then(permissions);
      case "wallet_revokePermissions":
        remember(null);
        return Promise.resolve(null);
      case "wallet_switchEthereumChain":
      case "wallet_addEthereumChain":
        return isLocal(params) ? Promise.resolve(null) : Promise.reject(otherChain());
    }
    return needsConsent.has(method) ? consent(openWindow(), method, params) : read(method, params);
  };

  const provider = Object.freeze({
    isNectoDemoWallet: true,
    request,
    on(event, listener) {
      if (!listeners.has(event)) listeners.set(event, new Set());
      listeners.get(event).add(listener);
      return provider;
    },
    removeListener(event, listener) {
      listeners.get(event)?.delete(listener);
      return provider;
    },
  });

  const icon =
    "data:image/svg+xml," +
    encodeURIComponent(
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#b45309"/>' +
        '<path d="M8 12.5A2.5 2.5 0 0 1 10.5 10H22v3h2v11H10.5A2.5 2.5 0 0 1 8 21.5z" fill="#fff"/>' +
        '<circle cx="20" cy="18.5" r="1.8" fill="#b45309"/></svg>',
    );
  const info = Object.freeze({
    uuid: crypto.randomUUID(),
    name: "Demo wallet (simulated)",
    icon,
    rdns: "xyz.necto.demo",
  });
  const announce = () =>
    window.dispatchEvent(
      new CustomEvent("eip6963:announceProvider", { detail: Object.freeze({ info, provider }) }),
    );
  window.addEventListener("eip6963:requestProvider", announce);
  announce();
})();
