const nouns = {
  boolean: "a boolean",
  function: "a function",
  number: "a number",
  object: "an object",
  string: "a string",
} as const;

/**
 * Returns a clause for each member that is set but does not have this type, for callers without types. It does not
 * contain the value, which may be a secret.
 */
export function typeFaults<T extends object>(
  options: T,
  types: Readonly<Partial<Record<keyof T, keyof typeof nouns>>>,
): string[] {
  const members: Partial<Record<string, unknown>> = options;
  return Object.entries(types as Readonly<Record<string, keyof typeof nouns>>).flatMap(([name, type]) => {
    const value = members[name];
    if (value === undefined || (typeof value === type && value !== null)) return [];
    return [`\`${name}\` must be ${nouns[type]}, not ${nounOf(value)}`];
  });
}

function nounOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  const type = typeof value;
  return type in nouns ? nouns[type as keyof typeof nouns] : `a ${type}`;
}
