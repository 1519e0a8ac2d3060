import { randomBytes } from "node:crypto";
import { tracesOf } from "@molecule/test-fixtures";

// Unique, because another sweep on this machine passes its own secrets as arguments.
const unique = randomBytes(3).toString("hex");

export const token = `cn-tok/${unique}+2e=c1&d8`;
export const password = `cn-pw~${unique}+4a=b7&f2`;

/** The secrets that may appear nowhere. */
export const canaries: readonly string[] = [token, password];

/** The password as part of a URL. */
export const userinfo = `canary:${encodeURIComponent(password)}`;

/** Both secrets, in every form, in messages from servers that should not repeat them. */
export const said = canaries
  .flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    Buffer.from(`user:${secret}`).toString("base64"),
    JSON.stringify({ secret }),
  ])
  .join(" and ");

/** A place that is searched: its name, and what it contains. */
export type Place = readonly [name: string, content: string | Buffer];

/** Returns the names of the places that contain a secret, each with the forms found. Throws if there is no place. */
export function leaksIn(places: readonly Place[], secrets = canaries): readonly (readonly string[])[] {
  if (places.length === 0) throw new Error("there is nothing to search");
  return places
    .map(([name, content]) => [name, ...tracesOf(secrets, content)])
    .filter(({ length }) => length > 1);
}
