import { rootCertificates } from "node:tls";
import type { Env, WorkDirectory } from "@molecule/core";
import { extraCertificates, systemCertificates } from "@molecule/node-edges";

/**
 * With `NODE_EXTRA_CA_CERTS`, writes a bundle that adds those certificates to the system's and returns its path: git
 * would take the extra ones in place of its own. Where the system has none in a known file, those of Node, as look-ups.
 * Otherwise returns undefined: git keeps its own. Rejects with `CONFIG_INVALID` for extra ones that cannot be used.
 */
export async function writeCertificateBundle(
  work: Pick<WorkDirectory, "write">,
  env: Env,
): Promise<string | undefined> {
  const [extra, system] = await Promise.all([extraCertificates(env), systemCertificates()]);
  if (extra === undefined && system !== undefined) return undefined;
  const text = [system ?? rootCertificates.join("\n"), extra, ""].join("\n");
  return work.write("certificates.pem", text);
}
