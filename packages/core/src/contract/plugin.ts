import type { Capability } from "./capabilities.js";
import type { CallOption } from "./image-request.js";
import type { ContainerEngine } from "./container-engine.js";
import type { Clock, Fetch, Log, Run } from "./edges.js";
import type { ImageSource } from "./image-source.js";
import type { Mask } from "../text/mask.js";
import type { Platform } from "../values/platform.js";
import type { RegistryClient } from "./registry-client.js";
import type { RegistryCredentials } from "./registry-credentials.js";
import type { Store } from "./store.js";
import type { Env, Mode, RegistrySource } from "../values/registry-source.js";

/**
 * The supported versions of the plugin interface, both ends included. A plugin names the one that it was written
 * for. A breaking change increases `newest`; `oldest` follows when support for the previous version ends.
 */
export const pluginApiVersions = { oldest: 1, newest: 1 } as const;

/**
 * The part of Standard Schema (standardschema.dev) that is used: zod, valibot and arktype all have it.
 * A schema returns the options with its defaults filled in.
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

/** The result of validating options, as in Standard Schema. */
export type OptionsResult<Options> =
  { readonly value: Options; readonly issues?: undefined } | { readonly issues: readonly OptionsIssue[] };

/** A problem with the options, and its path. */
export interface OptionsIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The services that the host passes to a source. Frozen; nothing is contacted until a method is called. */
export interface SourceServices {
  readonly env: Env;
  readonly registry: RegistrySource;
  /** Undefined: the engine's own. */
  readonly platform: Platform | undefined;
  readonly store: Store;
  /** The engine of the configuration. */
  readonly engine: ContainerEngine;
  /**
   * Returns another engine by its address (`unix://PATH`, `tcp://HOST:PORT`) or a function that finds it, which runs at
   * the first call of a method, and again only after a failure. Contacts nothing; the host closes it. An address that
   * cannot be used is `CONFIG_INVALID` at the first call of a method.
   * @param origin the variable or key that names it, for that error
   */
  readonly connectEngine: (address: string | (() => Promise<string>), origin: string) => ContainerEngine;
  /** This user's registry credentials, found as the docker CLI does. The engines above already use them. */
  readonly credentials: RegistryCredentials;
  /** Queries registries without an engine, with these credentials. */
  readonly registryClient: RegistryClient;
  readonly fetch: Fetch;
  readonly run: Run;
  readonly clock: Clock;
  readonly log: Log;
  /** A source adds each secret here before it uses it. */
  readonly mask: Mask;
}

/** An environment variable that a source reads. */
export interface SourceVariable {
  readonly name: string;
  /** The option that the variable sets, in place of the configuration file's. Default: none. */
  readonly option?: string;
  /** Whether the value is secret: the host masks it everywhere. Default: false. */
  readonly secret?: boolean;
}

/** An option whose keys are runtime names. The host refuses runtimes that are not allowed. */
export interface RuntimeOption {
  readonly option: string;
  /** Whether the key `default` stands for every other runtime. Default: false. */
  readonly hasDefault?: boolean;
  /** The keys of a working copy in an entry, for `--template`. Default: the source builds no working copies. */
  readonly workingCopy?: WorkingCopyKeys;
}

/** The keys of a runtime's entry that concern its working copy. */
export interface WorkingCopyKeys {
  /** The key with the path of the working copy, which `--template` sets. */
  readonly path: string;
  /** The keys of other locations, which a working copy replaces. Default: none. */
  readonly replaces?: readonly string[];
}

/** A plugin's declarations about its source: plain data, available without creating the source. */
export interface SourceManifest {
  /** The source's name: `^[a-z0-9]+(?:-[a-z0-9]+)*$`. */
  readonly name: string;
  /** The version of the plugin interface that it was written for: 1. The host supports {@link pluginApiVersions}. */
  readonly apiVersion: number;
  /** The modes it can serve. */
  readonly modes: readonly Mode[];
  readonly version?: string;
  /**
   * The groups of optional methods that the source has, in addition to `resolve`, `find` and `provide`. The host checks
   * that the source has exactly the methods of these capabilities. Default: none.
   */
  readonly capabilities?: readonly Capability[];
  /**
   * The options of a call that the source honours, from `call.requested`. The host refuses the others. Default:
   * none.
   */
  readonly callOptions?: readonly CallOption[];
  /** The environment variables that the source reads. Default: none. */
  readonly variables?: readonly SourceVariable[];
  /**
   * The options that are paths, dotted, `*` for any key: `secrets.*.file`. Relative paths are made absolute before
   * the options are checked, based on the directory of the configuration file.
   */
  readonly optionPaths?: readonly string[];
  /**
   * The prefix of its image references, up to the runtime: `acme/image-` for `acme/image-hermes:1`. `list` shows the
   * images of known runtimes with these names. Default: none.
   */
  readonly imageNames?: string;
  /** The options that contain names of environment variables, dotted, `*` for any key. Default: none. */
  readonly optionVariables?: readonly string[];
  /** The options that are maps by runtime name. Default: none. */
  readonly runtimeOptions?: readonly RuntimeOption[];
  /**
   * The options that a project file may set without trust, unless the user file sets them. Honoured only for shipped
   * plugins and plugins passed as values. Default: none.
   */
  readonly harmlessOptions?: readonly string[];
}

/** The default export of a plugin module. Importing it and calling `create` have no side effects. */
export interface SourcePlugin<Options = unknown> extends SourceManifest {
  /** Without a schema the plugin takes no options. */
  readonly options?: OptionsSchema<Options>;
  /**
   * The same as a JSON Schema, with descriptions and defaults: for editors, and for suggesting the closest key. Called
   * only when needed, so load its dependencies here. Not needed if the schema provides one.
   */
  readonly optionsJsonSchema?: () => JsonSchema | Promise<JsonSchema>;
  /**
   * Throws `CONFIG_INVALID` for options that the schema accepts but no call could use. Called before a user
   * accepts a project file; has no side effects.
   */
  assertUsable?(options: Options): void;
  create(options: Options, services: SourceServices): ImageSource;
}

/** Returns the plugin unchanged; infers its types. */
export function definePlugin<Options = Record<string, never>>(
  plugin: SourcePlugin<Options>,
): SourcePlugin<Options> {
  return plugin;
}
