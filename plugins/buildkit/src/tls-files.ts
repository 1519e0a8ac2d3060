import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { configInvalid, systemCode, systemWords, type ImageSourceError } from "@molecule/core";
import type { BuildkitOptions } from "./buildkit-options.js";

type FileKey = "ca" | "cert" | "key";

/** Rejects with `CONFIG_INVALID` if buildctl could not use the files for TLS. */
export async function assertTlsFiles({ ca, cert, key }: NonNullable<BuildkitOptions["tls"]>): Promise<void> {
  if (ca !== undefined) await readAs("ca", ca, "a certificate", (pem) => new X509Certificate(pem));
  if (cert === undefined || key === undefined) return;
  const certificate = await readAs("cert", cert, "a certificate", (pem) => new X509Certificate(pem));
  const privateKey = await readAs("key", key, "an unencrypted private key", (pem) => createPrivateKey(pem));
  if (!certificate.checkPrivateKey(privateKey)) throw unusable("key", key, `it is not the key of ${cert}`);
}

async function readAs<T>(key: FileKey, path: string, what: string, parse: (pem: Buffer) => T): Promise<T> {
  const pem = await readRegularFile(key, path);
  try {
    return parse(pem);
  } catch (error) {
    throw unusable(key, path, `it is not ${what} in PEM format`, error);
  }
}

async function readRegularFile(key: FileKey, path: string): Promise<Buffer> {
  try {
    // Reading a named pipe would block.
    if ((await stat(path)).isFile()) return await readFile(path);
  } catch (error) {
    throw unusable(key, path, systemWords(systemCode(error) ?? String(error)), error);
  }
  throw unusable(key, path, "it is not a regular file");
}

function unusable(key: FileKey, path: string, why: string, cause?: unknown): ImageSourceError {
  return configInvalid(
    `options.buildkit.tls.${key} cannot be used: ${path}: ${why}`,
    `Set it to ${remedies[key]}, in PEM format.`,
    cause,
  );
}

const remedies = {
  ca: "the certificate of the authority that issued the builder's certificate",
  cert: "a client certificate that the builder accepts",
  key: "the private key of the client certificate, without a passphrase",
};
