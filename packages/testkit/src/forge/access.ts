import type { IncomingMessage } from "node:http";

/** `none`: no credentials were sent. */
export type Credentials = "right" | "wrong" | "none";

/** The API accepts `Authorization: token T`. */
export function apiCredentials({ headers }: IncomingMessage, token: string | undefined): Credentials {
  if (headers.authorization === undefined) return "none";
  return headers.authorization === `token ${token ?? ""}` && token !== undefined ? "right" : "wrong";
}

/** Over HTTP, git sends the token as the password of any user. */
export function gitCredentials({ headers }: IncomingMessage, token: string | undefined): Credentials {
  if (headers.authorization === undefined) return "none";
  const [scheme, encoded = ""] = headers.authorization.split(" ");
  if (scheme?.toLowerCase() !== "basic") return "wrong";
  const pair = Buffer.from(encoded, "base64").toString("utf8");
  return token !== undefined && pair.slice(pair.indexOf(":") + 1) === token ? "right" : "wrong";
}
