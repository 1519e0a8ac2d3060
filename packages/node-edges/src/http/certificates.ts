import { constants } from "node:fs";
import { access, open, readFile, realpath, stat } from "node:fs/promises";
import { configInvalid, systemCode, systemWords, type Env } from "@molecule/core";

const variable = "NODE_EXTRA_CA_CERTS";
const maxBytes = 16 * 1024 * 1024;

// Where distributions store the certificates that their git trusts.
const systemBundles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/** Returns the certificates that the system trusts, in PEM form; undefined if none of the known files can be read. */
export async function systemCertificates(): Promise<string | undefined> {
  const bundle = await systemBundle();
  return bundle === undefined ? undefined : readFile(bundle, "utf8");
}

/** Returns the file with the certificates that the system trusts; undefined if none of the known files can be read. */
export async function systemBundle(bundles: readonly string[] = systemBundles): Promise<string | undefined> {
  for (const bundle of bundles) {
    // A container may have an empty directory there: Docker creates one for a volume whose file is missing.
    const isReadable = await Promise.all([stat(bundle), access(bundle, constants.R_OK)]).then(
      ([file]) => file.isFile(),
      () => false,
    );
    if (isReadable) return bundle;
  }
  return undefined;
}

/**
 * Returns the certificates that `NODE_EXTRA_CA_CERTS` adds, in PEM form; undefined if it is unset or names the
 * system's own bundle, which would take tens of milliseconds to check. Rejects with `CONFIG_INVALID`: otherwise each
 * request would fail later with an error of its own.
 */
export async function extraCertificates(
  env: Env,
  bundles: readonly string[] = systemBundles,
): Promise<string | undefined> {
  const file = (env[variable] ?? "").trim();
  if (file === "" || (await isSystemBundle(file, bundles))) return undefined;
  const text = await readPem(file).catch((error: unknown) => {
    const code = systemCode(error);
    const why = code === undefined ? (error as Error).message : systemWords(code);
    throw refused(file, `cannot be read: ${why}`, error);
  });
  const { X509Certificate } = await import("node:crypto");
  const blocks = text.match(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs) ?? [];
  if (blocks.length === 0) throw refused(file, "contains no certificate in PEM form");
  for (const [index, block] of blocks.entries()) {
    try {
      new X509Certificate(block);
    } catch (error) {
      throw refused(file, `is broken: certificate ${String(index + 1)} cannot be parsed`, error);
    }
  }
  return text;
}

/** Whether the file is the bundle that {@link systemCertificates} reads. Distributions link some names to others. */
async function isSystemBundle(file: string, bundles: readonly string[]): Promise<boolean> {
  const [own, ...system] = await Promise.all(
    [file, ...bundles].map((path) => realpath(path).catch(() => undefined)),
  );
  return own !== undefined && own === system.find((path) => path !== undefined);
}

async function readPem(file: string): Promise<string> {
  // Opening a named pipe would wait for a writer.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { size } = await handle.stat();
    if (size > maxBytes) throw new Error(`it is larger than ${String(maxBytes)} bytes`);
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}

function refused(file: string, why: string, cause?: unknown): Error {
  return configInvalid(
    `${variable} names ${file}, which ${why}`,
    `Set ${variable} to a readable file with certificates in PEM form, or unset it.`,
    cause,
  );
}
