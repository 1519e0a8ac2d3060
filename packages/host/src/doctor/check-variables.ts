import { doubtful, type Verdict } from "@molecule/core";
import type { UnknownVariable } from "../config/unknown-variables.js";

/** Warns of variables that begin like ours and have no effect; undefined when there are none. */
export function checkVariables(unknown: readonly UnknownVariable[]): Verdict | undefined {
  if (unknown.length === 0) return undefined;
  const listed = unknown.map(({ name, likely }) =>
    likely === undefined ? name : `${name} (did you mean ${likely}?)`,
  );
  return doubtful(
    `no variable has this name, so it has no effect: ${listed.join(", ")}`,
    "Correct the name, or unset the variable.",
  );
}
