// What the streams of MetaMask's page side need from Node, for a bundle that runs in a page.
export { Buffer } from "buffer";
export const process = {
  browser: true,
  env: {},
  nextTick: (act, ...args) => queueMicrotask(() => act(...args)),
};
