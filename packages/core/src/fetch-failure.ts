import { resourceExhausted } from "./error-table.js";
import { ImageSourceError, type Transient } from "./errors.js";

/*
 * What a request to another server can fail with.
 */

export function malformed(message: string): ImageSourceError {
  return new ImageSourceError({
    code: "SOURCE_MALFORMED",
    message,
    hint: "Check the configured address: something else than the expected server answers there.",
  });
}

/** A certificate that nobody has signed who is trusted here. */
const strangeCertificate = [
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
];

/** Whether a TLS handshake failed because nobody who is trusted here has signed the certificate. */
export function isStrangeCertificate(error: unknown): boolean {
  return strangeCertificate.includes(codeOf(error) ?? "");
}

export function unreachable(
  url: string,
  why: string,
  cause: unknown,
  transient?: Transient,
): ImageSourceError {
  const exhausted = resourceExhausted(`${url} cannot be reached`, cause);
  if (exhausted !== undefined) return exhausted;
  return new ImageSourceError({
    code: "SOURCE_UNREACHABLE",
    message: `${url} cannot be reached: ${why}`,
    hint: isStrangeCertificate(cause)
      ? "Name the file with the server's certificate authority in NODE_EXTRA_CA_CERTS."
      : "Check that the server is up, the address is right and a proxy, if any, is configured.",
    cause,
    transient,
  });
}

export function reason(error: unknown): string {
  const { message, cause } = facts(error);
  return codeOf(error) ?? facts(cause).message ?? message ?? String(error);
}

/** node:http and node-fetch say the first three, the built-in fetch the last. */
const brokenConnection = ["ECONNRESET", "EPIPE", "ERR_STREAM_PREMATURE_CLOSE", "UND_ERR_SOCKET"];

/** Whether there was a connection, and it broke. */
export function broke(error: unknown): boolean {
  return brokenConnection.includes(codeOf(error) ?? "");
}

/** Its own, or that of what caused it. */
function codeOf(error: unknown): string | undefined {
  const { code, cause } = facts(error);
  return code ?? facts(cause).code;
}

interface Facts {
  readonly code: string | undefined;
  readonly message: string | undefined;
  readonly cause: unknown;
}

/** By its members: an edge may throw the errors of another realm, which are instances of another class. */
function facts(error: unknown): Facts {
  const { code, message, cause } = (error ?? {}) as Readonly<Record<string, unknown>>;
  const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
  return { code: text(code), message: text(message), cause };
}
