import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** The headers with an HMAC of the body: Gitea, Forgejo, Gogs, and GitHub (which Gitea and Forgejo send too). */
const signatureHeaders = [
  "x-gitea-signature",
  "x-forgejo-signature",
  "x-gogs-signature",
  "x-hub-signature-256",
];

/**
 * Returns whether the sender of a webhook request knows the secret: by an HMAC-SHA256 of the body, or for GitLab, which
 * does not sign, by sending the secret itself. Every signature that is present must be right. Takes the same time
 * wherever two values differ.
 */
export function isSigned(headers: IncomingHttpHeaders, body: Uint8Array, secret: string): boolean {
  const signatures = signatureHeaders.map((name) => headers[name]).filter((value) => value !== undefined);
  const token = headers["x-gitlab-token"];
  if (signatures.length === 0) return typeof token === "string" && isSame(token, secret);
  const expected = createHmac("sha256", secret).update(body).digest("hex");
  return signatures.every(
    (signature) => typeof signature === "string" && isSame(signature.replace(/^sha256=/, ""), expected),
  );
}

/** Compares hashes, because `timingSafeEqual` needs values of equal length. */
function isSame(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash("sha256").update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
