/** Facts about a piece of work, keyed by name. Names follow OpenTelemetry's conventions where one exists. */
export type Attributes = Readonly<Record<string, string | number | boolean | readonly string[]>>;
