import { connectEngine } from "./engine-connection.js";
import { findEngineEndpoint } from "./find-engine-endpoint.js";
import { readMessages } from "./message-stream.js";

/** Pushes what has that name in an engine to the open registry that the name begins with. */
export async function pushImage(address: string, reference: string): Promise<void> {
  const endpoint = await findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" });
  const connection = await connectEngine(endpoint);
  const headers = { "x-registry-auth": Buffer.from("{}").toString("base64") };
  const colon = reference.lastIndexOf(":");
  const path = `/images/${reference.slice(0, colon)}/push`;
  const query = { tag: reference.slice(colon + 1) };
  const answer = await connection.open({ method: "POST", path, query, headers });
  const messages = readMessages(answer, address);
  while ((await messages.next()).done !== true);
  connection.close();
}
