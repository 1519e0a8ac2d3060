import { configInvalid, runtimeUnknown } from "../errors/error-table.js";

declare const brand: unique symbol;

/** The name of a workspace runtime, by the grammar of a repository path component, 1 to 63 characters. */
export type RuntimeName = string & { readonly [brand]: "RuntimeName" };

const grammar = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const maxLength = 63;

/** The runtimes that need no configuration. */
export const shippedRuntimes: readonly string[] = [
  "claude-code",
  "hermes",
  "langgraph",
  "autogen",
  "crewai",
  "deepagents",
  "codex",
  "gemini-cli",
  "openclaw",
];

function isRuntimeName(text: unknown): text is RuntimeName {
  return typeof text === "string" && text.length <= maxLength && grammar.test(text);
}

/**
 * Returns the name, or throws `RUNTIME_UNKNOWN` if it cannot be a runtime name.
 * {@link knownRuntime} checks whether the runtime is allowed.
 */
export function parseRuntimeName(text: string): RuntimeName {
  if (!isRuntimeName(text)) throw runtimeUnknown(text, shippedRuntimes);
  return text;
}

/** Returns all allowed runtimes: the shipped ones and `added`. Throws `CONFIG_INVALID` for an invalid added name. */
export function allowedRuntimes(added: readonly string[], origin: string): ReadonlySet<RuntimeName> {
  for (const name of added) {
    if (!isRuntimeName(name)) {
      throw configInvalid(
        `runtimes.add of ${origin} holds ${JSON.stringify(name)}, which is not a runtime name`,
        "Use lower-case letters and digits, joined by '.', '_', '__' or '-', at most 63 characters.",
      );
    }
  }
  return new Set([...shippedRuntimes, ...added].map(parseRuntimeName));
}

/** Returns the name if it is on the allowlist, or throws `RUNTIME_UNKNOWN`. Contacts nothing. */
export function knownRuntime(text: string, allowed: ReadonlySet<RuntimeName>): RuntimeName {
  if (isRuntimeName(text) && allowed.has(text)) return text;
  throw runtimeUnknown(text, [...allowed]);
}
