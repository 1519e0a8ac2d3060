import { rootCertificates } from "node:tls";
import type { Env, WorkDirectory } from "@molecule/core";
import { extraCertificates, systemBundle, systemCertificates } from "@molecule/node-edges";

/**
 * Writes a bundle of the system's certificates and those of `NODE_EXTRA_CA_CERTS`, and returns its path. A bundle is needed
 * because git would replace its own certificates by the extra ones. If the system has no certificates in a known file,
 * those of Node are used, as for lookups. Returns undefined, and writes nothing, if git's own certificates suffice.
 * Rejects with `CONFIG_INVALID` if the extra certificates cannot be used.
 */
export async function writeCertificateBundle(
  work: Pick<WorkDirectory, "write">,
  env: Env,
): Promise<string | undefined> {
  const [extra, bundle] = await Promise.all([extraCertificates(env), systemBundle()]);
  if (extra === undefined && bundle !== undefined) return undefined;
  const text = [(await systemCertificates()) ?? rootCertificates.join("\n"), extra, ""].join("\n");
  return work.write("certificates.pem", text);
}
