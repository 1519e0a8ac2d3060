import type { BoundedAnswer } from "@molecule/node-edges";

/** Reads own properties only: the body is untrusted and may hold `__proto__`. */
export function member(value: object, key: string): unknown {
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}

/** Returns the message of an API error; an empty string if it has none. */
export function messageOf(answer: BoundedAnswer): string {
  const message = ownMember(answer, "message");
  return typeof message === "string" ? message : "";
}

/**
 * Whether an error comes from the API: JSON with a `message`, or at least nothing but JSON. The error page of a web
 * server is not.
 */
export function isOfGitea(answer: BoundedAnswer): boolean {
  if (foreignServer(answer) !== undefined) return false;
  if (typeof ownMember(answer, "message") === "string") return true;
  return /\bjson\b/i.test(answer.contentType) && ["", "{}"].includes(answer.body.trim());
}

/** Returns which other forge sent the response; undefined if unknown. */
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
