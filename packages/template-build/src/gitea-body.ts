import type { BoundedAnswer } from "@molecule/node-edges";

/** Never an inherited property: the body is untrusted and may hold `__proto__`. */
export function member(value: object, key: string): unknown {
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}

/** The forge's own words in an error of the API; empty where it has none. */
export function messageOf(answer: BoundedAnswer): string {
  const message = ownMember(answer, "message");
  return typeof message === "string" ? message : "";
}

/**
 * Whether an error is one of the API: JSON with a `message`, or at least nothing else than JSON. A web server's own error
 * page is not.
 */
export function isOfGitea(answer: BoundedAnswer): boolean {
  if (foreignServer(answer) !== undefined) return false;
  if (typeof ownMember(answer, "message") === "string") return true;
  return /\bjson\b/i.test(answer.contentType) && ["", "{}"].includes(answer.body.trim());
}

/** Which other forge a response comes from; undefined if unknown. */
export function foreignServer(answer: BoundedAnswer): string | undefined {
  const server = answer.header("server") ?? "";
  if (/^github\.com$/i.test(server) || ownMember(answer, "documentation_url") !== undefined) return "GitHub";
  if (answer.header("x-gitlab-meta") !== null || /^404 /.test(String(ownMember(answer, "error"))))
    return "GitLab";
  return undefined;
}

function ownMember({ body }: BoundedAnswer, key: string): unknown {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? member(value, key) : undefined;
  } catch {
    return undefined;
  }
}
