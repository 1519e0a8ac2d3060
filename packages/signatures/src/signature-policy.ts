import { createHash, createPublicKey } from "node:crypto";
import { constants, open } from "node:fs/promises";
import { configInvalid, systemCode, systemWords, type ImageSourceError } from "@molecule/core";
import type { ConfiguredPolicy } from "./verify-option.js";

/** The key or identity that must have signed. */
export interface SignaturePolicy {
  /** Identifies the policy: the content of the key, or the identity and its issuer. */
  readonly id: string;
  /** The arguments for `cosign verify`. */
  readonly arguments: readonly string[];
  /** As in messages: `the key /etc/cosign.pub`. */
  readonly signer: string;
  /** The option that sets it. */
  readonly option: string;
}

/** Reads the policy. Rejects with `CONFIG_INVALID` if the key cannot be read or is not a public key. */
export async function readPolicy({ verify, option }: ConfiguredPolicy): Promise<SignaturePolicy> {
  if (!("key" in verify)) {
    const { identity, issuer } = verify;
    return {
      id: idOf("identity", identity, issuer),
      arguments: [`--certificate-identity=${identity}`, `--certificate-oidc-issuer=${issuer}`],
      signer: `${identity} of ${issuer}`,
      option,
    };
  }
  return {
    id: idOf("key", await readKey({ path: verify.key, option: `${option}.key` })),
    // The log of a key's signatures is public, and asking for it needs the network and the trust root of Sigstore (0101).
    arguments: [`--key=${verify.key}`, "--insecure-ignore-tlog=true"],
    signer: `the key ${verify.key}`,
    option,
  };
}

function idOf(...parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

const maxBytes = 64 * 1024;

/** The file of a key, and the option that names it. */
interface KeyFile {
  readonly path: string;
  readonly option: string;
}

/** Returns the public key in its normal form. */
async function readKey(file: KeyFile): Promise<string> {
  const text = await readText(file);
  try {
    if (/-BEGIN [A-Z ]*PRIVATE KEY-/.test(text)) throw new TypeError("it is a private key");
    return createPublicKey(text).export({ type: "spki", format: "der" }).toString("base64");
  } catch (error) {
    throw unusable(file, "it is not a public key in PEM format", error);
  }
}

async function readText(key: KeyFile): Promise<string> {
  try {
    // A named pipe must not block the call.
    const file = await open(key.path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!(await file.stat()).isFile()) throw unusable(key, "it is not a regular file");
      const { buffer, bytesRead } = await file.read(Buffer.alloc(maxBytes), 0, maxBytes, 0);
      return buffer.toString("utf8", 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = systemCode(error);
    throw code === undefined ? error : unusable(key, systemWords(code), error);
  }
}

function unusable({ path, option }: KeyFile, why: string, cause?: unknown): ImageSourceError {
  return configInvalid(
    `${option} cannot be used: ${path}: ${why}`,
    "Set it to the file with the public key, such as the cosign.pub of `cosign generate-key-pair`.",
    cause,
  );
}
