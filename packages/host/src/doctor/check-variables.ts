import { doubtful, type Verdict } from "@molecule/core";
import type { UnknownVariable } from "../config/unknown-variables.js";

/** Warns about unknown variables with our prefix; undefined if there are none. */
export function checkVariables(unknown: readonly UnknownVariable[]): Verdict | undefined {
  if (unknown.length === 0) return undefined;
  const listed = unknown.map(({ name, likely }) =>
    likely === undefined ? name : `${name} (did you mean ${likely}?)`,
  );
  return doubtful(
    `unknown variables, which have no effect: ${listed.join(", ")}`,
    "Correct their names, or unset them.",
  );
}
