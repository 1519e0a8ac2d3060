import type { RegistryCredential } from "@molecule/core";
import { dockerFileInvalid } from "../connection/docker-config.js";
import { textOf, type Fields } from "../connection/json-fields.js";
import { memberOf } from "./docker-auths.js";

/** Standard base64 as Go's encoder writes it, matched after removing line breaks. */
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Returns the credentials of an entry of `auths`. Undefined if it has none: the CLI leaves empty entries where a helper
 * stores the secret. Throws `CONFIG_INVALID`, without quoting the entry.
 * @param from the entry
 */
export function credentialOf(fields: Fields, from: string): RegistryCredential | undefined {
  const field = (name: string): string => textOf(memberOf(fields, name));
  const identityToken = field("identitytoken");
  if (identityToken !== "") return { from, identityToken };
  const auth = field("auth");
  if (auth !== "") return { from, ...decoded(auth, from) };
  const username = field("username");
  return username === "" ? undefined : { from, username, password: field("password") };
}

function decoded(auth: string, from: string): { readonly username: string; readonly password: string } {
  const joined = auth.replaceAll(/[\r\n]/g, "");
  const text = base64.test(joined) ? Buffer.from(joined, "base64").toString("utf8") : "";
  const colon = text.indexOf(":");
  if (colon < 1) throw dockerFileInvalid(from, "its `auth` is not USER:PASSWORD in base64");
  // Old versions of the CLI padded with zeros.
  const password = text.slice(colon + 1).replaceAll(/^\0+|\0+$/g, "");
  return { username: text.slice(0, colon), password };
}
