import { argumentWords } from "./argument-words.js";
import { expandWord } from "./expand-word.js";
import { readInstructions } from "./read-instructions.js";
import { currentParsingRules } from "./current-parsing-rules.js";

/** Returns the build arguments that a Dockerfile declares, before the first `FROM` or in any stage. */
export function declaredArguments(text: string): ReadonlySet<string> {
  const rules = currentParsingRules(text);
  const { escape } = rules;
  const names = readInstructions(text, rules)
    .filter(({ name }) => name === "ARG")
    .flatMap(({ rest }) => argumentWords(rest, escape))
    .map((word) => expandWord(word.split("=", 1)[0] ?? "", () => null, escape));
  return new Set(names.filter((name) => name !== undefined));
}
