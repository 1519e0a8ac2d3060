import { join } from "node:path";
import { configInvalid } from "@molecule/core";
import type { TlsMaterial } from "./engine-endpoint.js";
import { readIfPresent } from "./read-if-present.js";

/**
 * Returns the TLS files that `DOCKER_TLS_VERIFY` requires. As in the docker CLI, only `ca.pem` must exist. Rejects with
 * `CONFIG_INVALID`.
 */
export async function verifiedTls(directory: string): Promise<TlsMaterial> {
  const material = await readPems(directory, true);
  if (material.ca !== undefined) return material;
  throw configInvalid(
    `DOCKER_TLS_VERIFY is set, but not found: ${join(directory, "ca.pem")}`,
    "Put the engine's ca.pem there, set DOCKER_CERT_PATH to its directory, or unset DOCKER_TLS_VERIFY.",
  );
}

/** Returns the TLS files of a docker context; undefined if it does not use TLS. */
export async function contextTls(directory: string, skipVerify: boolean): Promise<TlsMaterial | undefined> {
  const material = await readPems(directory, !skipVerify);
  const { ca, cert, key } = material;
  return skipVerify || [ca, cert, key].some((pem) => pem !== undefined) ? material : undefined;
}

async function readPems(directory: string, verify: boolean): Promise<TlsMaterial> {
  const [ca, cert, key] = await Promise.all(
    ["ca.pem", "cert.pem", "key.pem"].map((name) => readIfPresent(join(directory, name))),
  );
  return { ca, cert, key, verify };
}
