import type { Env } from "@molecule/core";
import { fieldsOf, type Fields } from "../connection/json-fields.js";
import { authVariable, readDockerAuths } from "./docker-auths.js";
import { matchingKey, registryKey } from "./registry-key.js";

/** The entry for a registry: it contains the credentials or names a helper. */
export type CredentialEntry = { readonly from: string } & (
  | { readonly kind: "fields"; readonly fields: Fields }
  | {
      readonly kind: "helper";
      /** The part of the program's name after `docker-credential-`. */
      readonly helper: string;
      /** The server name to pass to the helper. */
      readonly server: string;
    }
);

/**
 * Returns the entry for a registry without reading its secret: `DOCKER_AUTH_CONFIG`, then `credHelpers`, then
 * `credsStore`, then `auths`. Undefined if there is none. Runs no helper. Rejects with `CONFIG_INVALID`.
 * @param registry the host, with its port if it has one
 */
export async function findCredentialEntry(
  registry: string,
  { env, home }: { readonly env: Env; readonly home: string },
): Promise<CredentialEntry | undefined> {
  const key = registryKey(registry);
  const { variable, path, auths, credHelpers, credsStore } = await readDockerAuths(env, home);
  if (Object.hasOwn(variable, key)) {
    return {
      kind: "fields",
      from: `auths[${JSON.stringify(key)}] of ${authVariable}`,
      fields: fieldsOf(variable[key]),
    };
  }
  // An empty helper exempts one registry from `credsStore`.
  const own = Object.hasOwn(credHelpers, key) ? credHelpers[key] : undefined;
  const helper = own ?? credsStore;
  if (helper !== "") {
    const member = own === undefined ? "credsStore" : `credHelpers[${JSON.stringify(key)}]`;
    return { kind: "helper", from: `${member} of ${path}`, helper, server: key };
  }
  const found = matchingKey(Object.keys(auths), registry);
  if (found === undefined) return undefined;
  return {
    kind: "fields",
    from: `auths[${JSON.stringify(found)}] of ${path}`,
    fields: fieldsOf(auths[found]),
  };
}
