import type { ContainerEngine } from "./container-engine.js";
import type { Clock, Fetch, Log, Run } from "./edges.js";
import type { ImageSource } from "./image-source.js";
import type { Mask } from "../text/mask.js";
import type { Platform } from "../values/platform.js";
import type { RegistryCredentials } from "./registry-credentials.js";
import type { Env, Mode, RegistrySource } from "../values/registry-source.js";

/**
 * The versions of the plugin interface that are served, both ends included. A plugin names the one that it was written
 * for. A change that breaks plugins makes `newest` larger; `oldest` follows when the one before is given up.
 */
export const pluginApiVersions = { oldest: 1, newest: 1 } as const;

/**
 * The part of Standard Schema (standardschema.dev) that is used: zod, valibot and arktype all have it.
 * A schema answers the options with its defaults filled in.
 */
export interface OptionsSchema<Options> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => OptionsResult<Options> | Promise<OptionsResult<Options>>;
    readonly types?: { readonly input: unknown; readonly output: Options } | undefined;
    /** Standard JSON Schema, which zod and arktype have. */
    readonly jsonSchema?:
      { readonly input: (options: { readonly target: "draft-2020-12" }) => JsonSchema } | undefined;
  };
}

/** A JSON Schema of draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a schema makes of options, as the Standard Schema has it. */
export type OptionsResult<Options> =
  { readonly value: Options; readonly issues?: undefined } | { readonly issues: readonly OptionsIssue[] };

/** One thing that is wrong with options, and where. */
export interface OptionsIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What the host gives to a source. Frozen; nothing in it contacts anything until it is called. */
export interface SourceServices {
  readonly env: Env;
  readonly registry: RegistrySource;
  /** Undefined: the engine's own. */
  readonly platform: Platform | undefined;
  /** An absolute path; it need not exist yet. */
  readonly cacheDir: string;
  /** The engine of the configuration. */
  readonly engine: ContainerEngine;
  /**
   * Another engine, by its address (`unix://PATH`, `tcp://HOST:PORT`) or how to find that out: asked for by the first
   * call of a method, and again only after a failure. Contacts nothing; the host closes it. An address that cannot be
   * used is `CONFIG_INVALID` at the first call of a method.
   * @param origin the variable or key that names it, for that error
   */
  readonly connectEngine: (address: string | (() => Promise<string>), origin: string) => ContainerEngine;
  /** This user's for registries, as the docker CLI finds them. The engines above use them by themselves. */
  readonly credentials: RegistryCredentials;
  readonly fetch: Fetch;
  readonly run: Run;
  readonly clock: Clock;
  readonly log: Log;
  /** A source that learns of a secret adds it here, before it uses it. */
  readonly mask: Mask;
}

/** What a plugin module default-exports. Importing it, and `create`, have no effect. */
export interface SourcePlugin<Options = unknown> {
  /** The source's name: `^[a-z0-9]+(?:-[a-z0-9]+)*$`. */
  readonly name: string;
  /** The version of this interface that it was written for: 1. The host serves {@link pluginApiVersions}. */
  readonly apiVersion: number;
  /** The modes it can serve. */
  readonly modes: readonly Mode[];
  /** Without a schema the plugin takes no options. */
  readonly options?: OptionsSchema<Options>;
  /**
   * The same as a JSON Schema, with descriptions and defaults: for editors, and for hints at the likely key. Asked for
   * only when somebody needs it, so load what makes it here. Not needed where the schema brings one itself.
   */
  readonly optionsJsonSchema?: () => JsonSchema | Promise<JsonSchema>;
  /**
   * Where paths stand in the options, dotted, `*` for any key: `secrets.*.file`. A relative one is made absolute before
   * the options are checked: from the directory of the configuration file that holds it.
   */
  readonly optionPaths?: readonly string[];
  readonly version?: string;
  /**
   * Throws `CONFIG_INVALID` for options that the schema accepts and that no call could use. Checked before a user
   * accepts a project file; has no effect.
   */
  assertUsable?(options: Options): void;
  create(options: Options, services: SourceServices): ImageSource;
}

/** Answers the plugin as it is: for inference, and for grep. */
export function definePlugin<Options = Record<string, never>>(
  plugin: SourcePlugin<Options>,
): SourcePlugin<Options> {
  return plugin;
}
