import { parseDuration, type RuntimeName } from "@molecule/core";

/** When the registry is contacted even if the image is present. */
export type PullPolicy =
  | { readonly kind: "missing" | "always" | "never" }
  /** If the last pull is older than this. */
  | { readonly kind: "every"; readonly milliseconds: number; readonly written: string };

/** One policy for all runtimes, or one per runtime, with `default` for the others. */
export type WrittenPolicies = string | Readonly<Record<string, string>>;

/** The default policy. */
export const defaultPolicy = "missing";

/** Parses `missing`, `always`, `never` or `every_6h`. Throws `CONFIG_INVALID` for an invalid duration. */
export function parsePullPolicy(written: string): PullPolicy {
  const [, duration] = /^every_(.*)$/s.exec(written) ?? [];
  if (duration !== undefined) return { kind: "every", milliseconds: parseDuration(duration), written };
  return { kind: written === "always" || written === "never" ? written : "missing" };
}

/** Returns the policy for a runtime. */
export function policyFor(written: WrittenPolicies, runtime: RuntimeName): PullPolicy {
  if (typeof written === "string") return parsePullPolicy(written);
  const own = [runtime, "default"].find((name) => Object.hasOwn(written, name));
  return parsePullPolicy((own === undefined ? undefined : written[own]) ?? defaultPolicy);
}
