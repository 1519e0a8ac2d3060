import { readFile, writeFile } from "node:fs/promises";
import { rootCertificates } from "node:tls";
import type { Env, Log } from "@molecule/core";

// Where the distributions keep the certificates that their git trusts.
const systemBundles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/**
 * With `NODE_EXTRA_CA_CERTS`, writes a bundle that adds those certificates to the system's and answers true: git
 * would take the extra ones in place of its own. Without it, or when it cannot be read (a forge
 * that needs it is then refused by git itself), answers false.
 */
export async function writeCertificateBundle(path: string, env: Env, log: Log): Promise<boolean> {
  const extra = env["NODE_EXTRA_CA_CERTS"];
  if (extra === undefined || extra === "") return false;
  let added: string;
  try {
    added = await readFile(extra, "utf8");
  } catch (error) {
    log.warn("NODE_EXTRA_CA_CERTS cannot be read; git goes on without it", {
      file: extra,
      error: String(error),
    });
    return false;
  }
  await writeFile(path, [await systemCertificates(), added, ""].join("\n"), { mode: 0o600 });
  return true;
}

async function systemCertificates(): Promise<string> {
  for (const bundle of systemBundles) {
    const text = await readFile(bundle, "utf8").catch(() => undefined);
    if (text !== undefined) return text;
  }
  return rootCertificates.join("\n");
}
