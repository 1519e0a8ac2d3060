import { closestMatch } from "../errors/closest-match.js";

const nouns = {
  boolean: "a boolean",
  function: "a function",
  number: "a number",
  object: "an object",
  string: "a string",
} as const;

/** The type of each option; `any` for one that is checked elsewhere. */
export type OptionTypes<T extends object> = {
  readonly [Name in keyof T]-?: keyof typeof nouns | "any";
};

/**
 * Returns a clause for options that are not an object, or for each member that is set but has no such name or not this
 * type, for callers without types. It does not contain the value, which may be a secret.
 */
export function typeFaults<T extends object>(options: T, types: OptionTypes<T>): string[] {
  const given: unknown = options;
  if (typeof given !== "object" || given === null)
    return [`the options must be an object, not ${nounOf(given)}`];
  const known = new Map<string, keyof typeof nouns | "any">(Object.entries(types));
  const members: Partial<Record<string, unknown>> = options;
  return Object.entries(members).flatMap(([name, value]) => {
    const type = known.get(name);
    if (value === undefined || type === "any") return [];
    if (type === undefined) return [unknownOption(name, known.keys())];
    if (typeof value === type && value !== null) return [];
    return [`\`${name}\` must be ${nouns[type]}, not ${nounOf(value)}`];
  });
}

function unknownOption(name: string, known: Iterable<string>): string {
  const likely = closestMatch(name, known);
  return `\`${name}\` is not an option${likely === undefined ? "" : ` (did you mean \`${likely}\`?)`}`;
}

function nounOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  const type = typeof value;
  return type in nouns ? nouns[type as keyof typeof nouns] : `a ${type}`;
}
