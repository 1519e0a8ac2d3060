/** Facts about a piece of work, keyed by name: those of OpenTelemetry's conventions where it has one. */
export type Attributes = Readonly<Record<string, string | number | boolean | readonly string[]>>;
