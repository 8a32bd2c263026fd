// The minimum that a Node server does for an event stream: it answers, keeps the connection open, and sends a
// keep-alive from time to time.

import { createServer } from "node:http";

const STILL_THERE_MS = 20_000;

const open = new Set();
const server = createServer((request, response) => {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  response.write("event: waiting\ndata: \n\n");
  open.add(response);
  request.on("close", () => open.delete(response));
});
setInterval(() => {
  for (const response of open) response.write(":\n\n");
}, STILL_THERE_MS);
server.listen(0, "127.0.0.1", 4_096, () => process.send?.({ port: server.address().port }));
