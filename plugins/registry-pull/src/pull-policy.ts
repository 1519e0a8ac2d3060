import { parseDuration, type RuntimeName } from "@molecule/core";

/** When the registry is asked although the image may be there. */
export type PullPolicy =
  | { readonly kind: "missing" | "always" | "never" }
  /** Once the last pull is older than this. */
  | { readonly kind: "every"; readonly milliseconds: number; readonly written: string };

/** One for all runtimes, or one for each by its name, with `default` for the others. */
export type WrittenPolicies = string | Readonly<Record<string, string>>;

/** The default policy. */
export const defaultPolicy = "missing";

/** `missing`, `always`, `never`, `every_6h`. Throws `CONFIG_INVALID` for a duration that is none. */
export function parsePullPolicy(written: string): PullPolicy {
  const [, duration] = /^every_(.*)$/s.exec(written) ?? [];
  if (duration !== undefined) return { kind: "every", milliseconds: parseDuration(duration), written };
  return { kind: written === "always" || written === "never" ? written : "missing" };
}

/** The policy for a runtime. */
export function policyFor(written: WrittenPolicies, runtime: RuntimeName): PullPolicy {
  if (typeof written === "string") return parsePullPolicy(written);
  const own = [runtime, "default"].find((name) => Object.hasOwn(written, name));
  return parsePullPolicy((own === undefined ? undefined : written[own]) ?? defaultPolicy);
}
