import type { BoundedResponse } from "@molecule/node-edges";

/** Reads own properties only: the body is untrusted and may hold `__proto__`. */
export function member(value: object, key: string): unknown {
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}

/** Returns the message of an API error; an empty string if it has none. */
export function messageOf(response: BoundedResponse): string {
  const message = ownMember(response, "message");
  return typeof message === "string" ? message : "";
}

/**
 * Whether an error comes from the API: JSON with a `message`, or at least nothing but JSON. The error page of a web
 * server is not.
 */
export function isOfGitea(response: BoundedResponse): boolean {
  if (foreignServer(response) !== undefined) return false;
  if (typeof ownMember(response, "message") === "string") return true;
  return /\bjson\b/i.test(response.contentType) && ["", "{}"].includes(response.body.trim());
}

/** Returns which other forge sent the response; undefined if unknown. */
export function foreignServer(response: BoundedResponse): string | undefined {
  const server = response.header("server") ?? "";
  if (/^github\.com$/i.test(server) || ownMember(response, "documentation_url") !== undefined)
    return "GitHub";
  if (response.header("x-gitlab-meta") !== null || /^404 /.test(String(ownMember(response, "error"))))
    return "GitLab";
  return undefined;
}

function ownMember({ body }: BoundedResponse, key: string): unknown {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? member(value, key) : undefined;
  } catch {
    return undefined;
  }
}
