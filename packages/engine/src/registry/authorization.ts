import { boundedGet, isLoopback, type BoundedResponse } from "@molecule/node-edges";
import { fieldsOf, textOf } from "../connection/json-fields.js";
import { parsedJson } from "./parse-manifest.js";
import type { RegistryAccess } from "./registry-access.js";

/**
 * Returns the header that a registry's 401 asks for (distribution's token specification, or Basic); undefined if there
 * are no usable credentials or no token.
 */
export async function authorization(
  refusal: BoundedResponse,
  access: RegistryAccess,
): Promise<string | undefined> {
  const challenge = refusal.header("www-authenticate") ?? "";
  if (/^Basic\b/i.test(challenge)) return basic(access);
  if (!/^Bearer\b/i.test(challenge)) return undefined;
  const { realm = "", ...parameters } = parametersOf(challenge);
  if (!URL.canParse(realm)) return undefined;
  const url = new URL(realm);
  if (url.username !== "" || !isTokenServer(url, new URL(refusal.url))) return undefined;
  const token = await tokenOf(url, parameters, access);
  return token === "" ? undefined : `Bearer ${token}`;
}

/** A registry over https must not make this process request plain http, such as from a metadata service. */
function isTokenServer(url: URL, registry: URL): boolean {
  return url.protocol === "https:" || (url.protocol === "http:" && registry.protocol === "http:");
}

function basic({ sent: { credential } }: RegistryAccess): string | undefined {
  if (credential === undefined || "identityToken" in credential) return undefined;
  const { username, password } = credential;
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

/** Parses `realm="https://…",service="…",scope="…"`. */
function parametersOf(challenge: string): Readonly<Record<string, string>> {
  const pairs = challenge.matchAll(/(?<![a-z_])([a-z_]+)="([^"]*)"/gi);
  return Object.fromEntries([...pairs].map(([, key = "", value = ""]) => [key.toLowerCase(), value]));
}

const maxBytes = 65_536;

async function tokenOf(
  url: URL,
  { service = "", scope = "" }: Readonly<Record<string, string>>,
  access: RegistryAccess,
): Promise<string> {
  const { fetch, signal, sent, deadlineMs = 30_000 } = access;
  const bounds = { maxBytes, deadlineMs, signal };
  const isPrivate = url.protocol === "https:" || isLoopback(url.hostname.replace(/^\[(.*)\]$/, "$1"));
  const credential = isPrivate ? sent.credential : undefined;
  const parameters = { service, ...(scope === "" ? {} : { scope }) };
  let response: BoundedResponse;
  if (credential !== undefined && "identityToken" in credential) {
    const form = {
      ...parameters,
      grant_type: "refresh_token",
      client_id: "molecule-image",
      refresh_token: credential.identityToken,
    };
    response = await boundedGet(fetch, url.href, { ...bounds, form });
  } else {
    for (const [key, value] of Object.entries(parameters)) url.searchParams.append(key, value);
    const header = credential === undefined ? undefined : basic(access);
    const headers = header === undefined ? {} : { authorization: header };
    response = await boundedGet(fetch, url.href, { ...bounds, headers });
  }
  if (response.status !== 200) return "";
  const { token, access_token: accessToken } = fieldsOf(parsedJson(url.origin, response.body));
  const found = textOf(token) || textOf(accessToken);
  return /^[\x21-\x7e]*$/.test(found) ? found : "";
}
