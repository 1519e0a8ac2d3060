import { request } from "node:http";
import { json } from "node:stream/consumers";

/** Sends a request that `ContainerEngine` does not have, and returns the response's JSON. */
export async function askEngine(
  address: string,
  method: "GET" | "POST" | "DELETE",
  path: string,
  body?: object,
): Promise<unknown> {
  const socketPath = address.replace(/^unix:\/\//, "");
  const headers = { host: "engine", "content-type": "application/json" };
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, method, path, headers, agent: false }, (response) => {
      if (response.statusCode === 204) resolve(undefined);
      else json(response).then(resolve, reject);
    });
    outgoing.once("error", reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
