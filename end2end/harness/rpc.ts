// JSON-RPC, as nodes of a chain use it.

/** Calls a JSON-RPC method and returns its result; an error is thrown as the chain reports it. */
export async function rpc(url: string, method: string, params: unknown[]): Promise<unknown> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const reply = (await response.json()) as { result?: unknown; error?: RpcError };
  if (reply.error) throw Object.assign(new Error(reply.error.message), { rpc: reply.error });
  return reply.result;
}

/** An error object of JSON-RPC. */
export interface RpcError {
  code: number;
  message: string;
  data?: unknown;
}
