/** Converts options of the engine's API to a query: text as is, other values as JSON. */
export function queryOf(options: object): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    Object.entries(options).map(([key, value]: [string, unknown]) => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}
