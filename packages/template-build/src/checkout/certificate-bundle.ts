import { writeFile } from "node:fs/promises";
import { rootCertificates } from "node:tls";
import { type Env } from "@molecule/core";
import { extraCertificates, systemCertificates } from "@molecule/node-edges";

/**
 * With `NODE_EXTRA_CA_CERTS`, writes a bundle that adds those certificates to the system's and returns true: git
 * would take the extra ones in place of its own. Where the system has none in a known file, those of Node, as look-ups.
 * Otherwise returns false: git keeps its own. Rejects with `CONFIG_INVALID` for extra ones that cannot be used.
 */
export async function writeCertificateBundle(path: string, env: Env): Promise<boolean> {
  const [extra, system] = await Promise.all([extraCertificates(env), systemCertificates()]);
  if (extra === undefined && system !== undefined) return false;
  await writeFile(path, [system ?? rootCertificates.join("\n"), extra, ""].join("\n"), { mode: 0o600 });
  return true;
}
