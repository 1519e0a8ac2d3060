import { unescape } from "node:querystring";
import { proxyVariables, type Env, type SourceManifest } from "@molecule/core";
import { webhookSecretVariable } from "../config/webhook-secret.js";
import { shippedManifests } from "../plugins/shipped-manifests.js";

/**
 * Returns the secrets in an environment, valid or not: those of the sources, of webhooks, and passwords of proxies.
 * @param manifests the sources; default: the shipped ones
 */
export function knownSecrets(
  env: Env,
  manifests: readonly SourceManifest[] = shippedManifests,
): readonly string[] {
  const secrets = manifests
    .flatMap(({ variables = [] }) => variables.filter(({ secret }) => secret))
    .map(({ name }) => name)
    .concat(webhookSecretVariable)
    .map((name) => env[name] ?? "");
  return [
    ...secrets,
    ...secrets.map((secret) => secret.trim()),
    ...proxyVariables.flatMap((name) => proxyPasswords(env[name] ?? "")),
  ].filter((secret, index, all) => secret !== "" && all.indexOf(secret) === index);
}

function proxyPasswords(written: string): readonly string[] {
  // Not with the URL parser: the password of an invalid URL must be masked, too.
  const [, password = ""] = /^\s*(?:[a-z][a-z0-9+.-]*:\/\/)?[^/@:]*:(.*)@/is.exec(written) ?? [];
  return [password, unescape(password)];
}
