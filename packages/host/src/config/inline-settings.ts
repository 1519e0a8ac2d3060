/** One duration such as `30m`, or a map from runtimes, and `default`, to durations. */
type Durations = string | Readonly<Record<string, string>>;

/** The content of a `.moleculerc`, as an object. docs/operating/configuration.md describes each key. */
export interface InlineSettings {
  /** The source of each mode. */
  readonly sources?:
    { readonly registry?: string | undefined; readonly local?: string | undefined } | undefined;
  /** Package names, or paths that begin with `./` or `../`, resolved from `cwd`. */
  readonly plugins?: readonly string[] | undefined;
  /** Runtime names to allow in addition to the shipped ones. */
  readonly runtimes?: { readonly add?: readonly string[] | undefined } | undefined;
  /** `linux/ARCH[/VARIANT]`, or `native` for the engine's own. */
  readonly platform?: string | undefined;
  readonly timeout?: Durations | undefined;
  readonly stallAfter?: Durations | undefined;
  /** Relative to `cwd`. */
  readonly cacheDir?: string | undefined;
  /** Address of the engine. */
  readonly engine?: string | undefined;
  /** Options of each source, by source name. Paths in them are relative to `cwd`. */
  readonly options?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
}
