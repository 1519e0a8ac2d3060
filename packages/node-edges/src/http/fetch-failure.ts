import { ImageSourceError, resourceExhausted, type Transient } from "@molecule/core";
import { systemErrorText } from "./system-error-text.js";
import { tlsFault, type ConnectionFault } from "./tls-failure.js";

const otherServer = "Check the configured address: a different server is answering at that address.";

export function malformed(message: string, hint = otherServer, cause?: unknown): ImageSourceError {
  return new ImageSourceError({ code: "SOURCE_MALFORMED", message, hint, cause });
}

/** Returns the error of a server that was idle for too long, or exceeded the deadline. */
export function tooSlow(url: string, why: string, cause: unknown): ImageSourceError {
  return cannotReach(url, { why, hint: reachable }, cause, undefined);
}

const reachable = "Check that the server is up, the address is right and a proxy, if any, is configured.";

/** Returns the error of a failed connection. Transient if it broke, or was refused: docs/adr/0020 and 0075. */
export function unreachable(url: string, error: unknown): ImageSourceError {
  return cannotReach(
    url,
    faultOf(new URL(url), error),
    error,
    broke(error) || isRefused(error) ? {} : undefined,
  );
}

function cannotReach(
  url: string,
  { why, hint }: ConnectionFault,
  cause: unknown,
  transient: Transient | undefined,
): ImageSourceError {
  const exhausted = resourceExhausted(`${url} cannot be reached`, cause);
  if (exhausted !== undefined) return exhausted;
  return new ImageSourceError({
    code: "SOURCE_UNREACHABLE",
    message: `${url} cannot be reached: ${why}`,
    hint,
    cause,
    transient,
  });
}

function faultOf(url: URL, error: unknown): ConnectionFault {
  const code = codeOf(error);
  const why = reason(error);
  if (url.protocol === "https:") {
    const { message, cause } = facts(error);
    const fault = tlsFault(url, code, [message, facts(cause).message].filter(Boolean).join(" "));
    if (fault === undefined) return { why, hint: reachable };
    const isTelling = code !== undefined && code !== "EPROTO" && !fault.why.includes(code);
    return isTelling ? { ...fault, why: `${fault.why} (${code})` } : fault;
  }
  // A TLS server that receives plain http closes the connection, or sends an alert.
  if (code?.startsWith("HPE_") === true)
    return { why: "its response is not HTTP", hint: `${useHttps(url)}; otherwise check the host and port.` };
  return { why, hint: broke(error) ? `${reachable} ${useHttps(url)}.` : reachable };
}

/** The codes of a certificate that no trusted authority has signed. */
const strangeCertificate = [
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
];

/** Returns whether a TLS handshake failed because no trusted authority has signed the certificate. */
export function isStrangeCertificate(error: unknown): boolean {
  return strangeCertificate.includes(codeOf(error) ?? "");
}

/** Returns the beginning of a hint, without a full stop. */
export function useHttps({ host }: URL): string {
  return `If ${host} serves https, use https:// in its configured address`;
}

function reason(error: unknown): string {
  const { message, cause } = facts(error);
  const code = codeOf(error);
  return code === undefined ? (facts(cause).message ?? message ?? String(error)) : systemErrorText(code);
}

/** node:http and node-fetch use the first three, the built-in fetch the last. */
const brokenConnection = ["ECONNRESET", "EPIPE", "ERR_STREAM_PREMATURE_CLOSE", "UND_ERR_SOCKET"];

/** Returns whether an established connection broke. */
function broke(error: unknown): boolean {
  return brokenConnection.includes(codeOf(error) ?? "");
}

/** Returns whether nothing listens at the address, as while a server restarts. */
function isRefused(error: unknown): boolean {
  return codeOf(error) === "ECONNREFUSED";
}

/** Returns the code of the error, or of its cause. */
function codeOf(error: unknown): string | undefined {
  const { code, cause } = facts(error);
  return code ?? facts(cause).code;
}

interface Facts {
  readonly code: string | undefined;
  readonly message: string | undefined;
  readonly cause: unknown;
}

/** Reads members without `instanceof`: an edge may throw errors of another realm. */
function facts(error: unknown): Facts {
  const { code, message, cause } = (error ?? {}) as Readonly<Record<string, unknown>>;
  const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
  return { code: text(code), message: text(message), cause };
}
