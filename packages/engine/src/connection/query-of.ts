/** Options of the engine's API as its query: text as it is, anything else as JSON. */
export function queryOf(options: object): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    Object.entries(options).map(([key, value]: [string, unknown]) => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}
