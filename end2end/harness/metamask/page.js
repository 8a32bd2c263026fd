// Runs in the page before any of its own code: MetaMask's own page side, as its extension injects it, on a stream to
// the signer in Node.

import { initializeProvider } from "@metamask/providers";
import { Duplex } from "readable-stream";

const stream = new Duplex({
  objectMode: true,
  read: () => undefined,
  write(message, _encoding, done) {
    // The page may be gone before the answer arrives.
    window.__metamaskAsk(message).then(
      (answer) => stream.push(answer),
      () => undefined,
    );
    done();
  },
});
window.__metamaskTell = (message) => stream.push(message);
window.addEventListener("eip6963:requestProvider", () => {
  window.__testWalletWanted = true;
});

initializeProvider({
  connectionStream: stream,
  shouldSendMetadata: false,
  shouldShimWeb3: false,
  providerInfo: {
    uuid: crypto.randomUUID(),
    name: "MetaMask",
    icon: "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'/%3E",
    rdns: "io.metamask",
  },
});
