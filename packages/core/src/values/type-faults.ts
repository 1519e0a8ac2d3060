import { closestMatch } from "../errors/closest-match.js";

const nouns = {
  boolean: "a boolean",
  date: "a date",
  function: "a function",
  list: "a list",
  number: "a number",
  object: "an object",
  signal: "an AbortSignal",
  string: "a string",
} as const;

/** The type of each option; `any` for one that is checked elsewhere. */
export type OptionTypes<T extends object> = {
  readonly [Name in keyof T]-?: keyof typeof nouns | "any";
};

/** The words for the argument and for one of its members in messages. */
export interface FaultNouns {
  readonly whole: string;
  readonly member: string;
}

/**
 * Returns a clause for options that are not an object, or for each member that is set but has no such name or not this
 * type, for callers without types. It does not contain the value, which may be a secret.
 */
export function typeFaults<T extends object>(
  options: T,
  types: OptionTypes<T>,
  { whole, member }: FaultNouns = { whole: "the options", member: "an option" },
): string[] {
  const fault = objectFault(options, whole);
  if (fault !== undefined) return [fault];
  const known = new Map<string, keyof typeof nouns | "any">(Object.entries(types));
  const members: Partial<Record<string, unknown>> = options;
  return Object.entries(members).flatMap(([name, value]) => {
    const type = known.get(name);
    if (value === undefined || type === "any") return [];
    if (type === undefined) return [unknownMember(name, member, known.keys())];
    if (isOfType(value, type)) return [];
    return [`\`${name}\` must be ${nouns[type]}, not ${nounOf(value)}`];
  });
}

/** Returns a clause that names the argument `whole` if it is not an object; undefined if it is. */
export function objectFault(value: unknown, whole: string): string | undefined {
  // A Map has no properties, so its entries would be ignored.
  return tagOf(value) === "Object" ? undefined : `${whole} must be an object, not ${nounOf(value)}`;
}

function isOfType(value: unknown, type: keyof typeof nouns): boolean {
  if (type === "date") return isValidDate(value);
  if (type === "list") return Array.isArray(value);
  if (type === "signal") return tagOf(value) === "AbortSignal";
  return typeof value === type && value !== null;
}

/** Returns the name of a built-in type, also of another realm, for which `instanceof` fails. */
function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}

function isDate(value: unknown): value is Date {
  return tagOf(value) === "Date";
}

function isValidDate(value: unknown): boolean {
  return isDate(value) && !Number.isNaN(value.getTime());
}

function unknownMember(name: string, member: string, known: Iterable<string>): string {
  const likely = closestMatch(name, known);
  return `\`${name}\` is not ${member}${likely === undefined ? "" : ` (did you mean \`${likely}\`?)`}`;
}

function nounOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "a list";
  if (isDate(value)) return isValidDate(value) ? "a date" : "an invalid date";
  const type = typeof value;
  if (type === "object" && tagOf(value) !== "Object") return `an object of type ${tagOf(value)}`;
  return type in nouns ? nouns[type as keyof typeof nouns] : `a ${type}`;
}
