import { argumentWords } from "./argument-words.js";
import { expandWord, type Variables } from "./expand-word.js";
import type { Instruction } from "./read-instructions.js";

// The builder's own variables; which of them are set depends on the builder.
const builtIn = /^(?:BUILD|TARGET)(?:PLATFORM|OS|OSVERSION|ARCH|VARIANT|STAGE)$/;

/** Returns the variables that the `ARG`s before the first `FROM` set: the only ones that a `FROM` can use. */
export function globalVariables(
  instructions: readonly Instruction[],
  escape: string,
  buildArgs: Readonly<Record<string, string>>,
): Variables {
  const values = new Map<string, string | undefined | null>();
  const variables: Variables = (name) => (builtIn.test(name) ? null : values.get(name));
  for (const { name, rest } of instructions) {
    if (name === "FROM") break;
    if (name !== "ARG") continue;
    for (const word of argumentWords(rest, escape)) {
      const [, key, value] = /^([A-Za-z_][A-Za-z0-9_]*)(?:=(.*))?$/s.exec(word) ?? [];
      if (key === undefined) continue;
      if (Object.hasOwn(buildArgs, key)) values.set(key, buildArgs[key]);
      else if (value !== undefined) values.set(key, expandWord(value, variables, escape) ?? null);
      else values.set(key, values.has(key) ? null : undefined);
    }
  }
  return variables;
}
