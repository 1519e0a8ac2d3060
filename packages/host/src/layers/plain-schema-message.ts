/*
 * zod's and valibot's stock messages in plain words. What was written is not repeated: it may be a secret. Messages of a
 * schema's own, and of other libraries, stay as they are.
 */

/** The libraries' names of types, and the first characters of a literal in valibot's messages. */
const names: readonly (readonly [RegExp, string])[] = [
  [/^(?:string|".*)$/is, "text"],
  [/^(?:number|int|bigint|-?\d.*)$/i, "a number"],
  [/^boolean$/i, "true or false"],
  [/^(?:true|false)$/, "$&"],
  [/^(?:object|record|map)$/i, "a map"],
  [/^(?:array|tuple|set)$/i, "a list"],
  [/^null$/i, "null"],
  [/^date$/i, "a date"],
];

/** Returns what people call a type of a schema: `text`, `a map`. */
export function nameOfSchemaType(type: string): string {
  const [pattern, name] = names.find(([candidate]) => candidate.test(type)) ?? [];
  return pattern === undefined || name === undefined ? type : type.replace(pattern, name);
}

/** Returns what people call the type of a value: `a map`, `a list`, `text`. */
export function nameOfType(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "boolean") return String(value);
  return nameOfSchemaType(Array.isArray(value) ? "array" : typeof value);
}

type Rule = readonly [pattern: RegExp, words: (...groups: string[]) => string];

/** A literal as both libraries write it, without a text's quotes. */
const number = String.raw`-?\d[\d.e+-]*n?`;
const isNumber = (written: string): boolean => new RegExp(`^${number}$`).test(written);
const isList = (expected: string): boolean => /^\(.* \| .*\)$|^".*"$/.test(expected) || isNumber(expected);
const choices = (expected: string): string => {
  const all = expected
    .replace(/^\((.*)\)$/, "$1")
    .split(/ ?\| ?/)
    .map((one) => (one.startsWith('"') || isNumber(one) ? one : nameOfSchemaType(one)));
  return all.length === 1 ? `must be ${all.join("")}` : `must be one of ${all.join(", ")}`;
};
const lengths = "characters or items";

const rules: readonly Rule[] = [
  // zod: Invalid input: more than one option matched
  [/^Invalid input: more than one option matched$/, () => "fits more than one of the allowed forms"],
  // zod: Invalid input: expected object, received array
  [/^Invalid input: expected (\w+), received (\w+)$/, (expected, received) => wrongType(expected, received)],
  // zod: Invalid option: expected one of "a"|1
  [/^Invalid option: expected one of (.*)$/s, choices],
  // zod: Invalid input: expected "a" · Invalid input: expected 5
  [/^Invalid input: expected ([^ ,]+|".*")$/s, choices],
  // zod: Invalid discriminator value. Expected 'a' | 'b'
  [/^Invalid discriminator value\. Expected (.*)$/s, (options) => choices(options.replaceAll("'", '"'))],
  // zod: Invalid input, of a union
  [/^Invalid input$/, () => "is not one of the allowed forms"],
  // zod: Too small: expected date to be >=1767225600000
  [
    /^Too (?:small|big): expected date to be ([<>]=?)(-?\d+)$/,
    (sign, limit) => bound(sign, new Date(Number(limit)).toISOString()),
  ],
  // zod: Too small: expected string to have >=1 characters · Too big: expected number to be <=5
  [
    /^Too (?:small|big): expected \w+ to (?:have|be) ([<>]=?|exactly )(-?[\d.]+(?:e[+-]\d+)?)(?: (\w+))?$/,
    (sign, limit, unit) => bound(sign, limit, unit),
  ],
  // zod: Invalid string: must match pattern /x/
  [/^Invalid (?:string|number): (must .*)$/s, (words) => words],
  // zod: Invalid key in record
  [/^Invalid key in \w+$/, () => "contains a key that is not allowed"],
  [/^Invalid value in \w+$/, () => "contains a value that is not allowed"],
  // zod: Unrecognized key: "a"
  [/^Unrecognized keys?: .*$/s, () => "unknown key"],
  // valibot: Invalid key: Expected "registry" but received undefined · Invalid key: Expected never but received "x"
  [/^Invalid key: Expected never but received .*$/s, () => "unknown key"],
  [/^Invalid key: Expected .* but received undefined$/s, () => "is missing"],
  // valibot: Invalid type: Expected never but received "x" · Invalid value: Expected !"a" but received "a"
  [/^Invalid (?:type: Expected never|[\w ]+: Expected !.*) but received .*$/s, () => "is not allowed"],
  // valibot: Invalid type: Expected ("a" | "b") but received "c" · Invalid type: Expected string but received 12
  [
    /^Invalid (?:type|key): Expected (.*?) but received (.*)$/s,
    (expected, received) => (isList(expected) ? choices(expected) : wrongType(expected, received)),
  ],
  // valibot: Invalid length: Expected >=1 but received 0
  [
    /^Invalid (?:length|size|bytes|entries|items|graphemes|code points|words): Expected ([<>]=?)?(\d+) but received \d+$/,
    (sign = "", limit) => bound(sign, limit, lengths),
  ],
  [/^Invalid value: Expected ([<>]=?)(\S+) but received .*$/s, (sign, limit) => bound(sign, limit)],
  // valibot: Invalid value: Expected (1 | 2) but received 5
  [/^Invalid value: Expected (.*?) but received .*$/s, choices],
  // valibot: Invalid start: Expected "a" but received "b"
  [
    /^Invalid (start|end|content): Expected (".*") but received .*$/s,
    (part, expected) => `must ${part === "content" ? "include" : `${part} with`} ${expected}`,
  ],
  // valibot: Invalid multiple: Expected %2 but received 7
  [/^Invalid multiple: Expected %(\d+) but received .*$/, (divisor) => `must be a multiple of ${divisor}`],
  // valibot: Invalid format: Expected /^a$/ but received "b"
  [/^Invalid format: Expected (\/.*\/\w*) but received .*$/s, (pattern) => `must match ${pattern}`],
  // valibot, of a check: Invalid input: Received "x"
  [/^Invalid (?:input|value|item): Received .*$/s, () => "cannot be used"],
  // valibot: Invalid email: Received "x" · zod: Invalid email address
  [/^Invalid ([\w. -]+)(?:: (?:Expected .* but r|R)eceived .*)?$/s, (kind) => `is not a valid ${kind}`],
];

function wrongType(expected: string, received: string): string {
  return received === "undefined"
    ? `is missing: it must be ${nameOfSchemaType(expected)}`
    : `must be ${nameOfSchemaType(expected)}, not ${nameOfSchemaType(received)}`;
}

function bound(sign: string, limit: string, unit?: string): string {
  if (sign === ">=" && limit === "1" && unit !== undefined) return "must not be empty";
  const words: Readonly<Record<string, string>> = {
    "": "exactly",
    "exactly ": "exactly",
    ">=": "at least",
    "<=": "at most",
    ">": "more than",
    "<": "less than",
  };
  const amount = `${words[sign] ?? sign} ${limit}`;
  return unit === undefined ? `must be ${amount}` : `must have ${amount} ${unit}`;
}

/** Returns the message of a schema library as a person would write it. */
export function plainSchemaMessage(message: string): string {
  for (const [pattern, words] of rules) {
    const found = pattern.exec(message);
    if (found !== null) return words(...found.slice(1));
  }
  return message;
}
