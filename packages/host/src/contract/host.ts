import type {
  ContainerEngine,
  Env,
  Finding,
  ImageProvider,
  ImageSourceError,
  Log,
  Mask,
  Observer,
  PruneRequest,
  PruneResult,
  ReadyImage,
  RegistrySource,
  Selection,
  SourcePlugin,
  Upstream,
} from "@molecule/core";
import type { HostContainer } from "./host-container.js";
import type { InlineSettings } from "../config/inline-settings.js";
import type { Settings, SettingValue } from "../config/settings.js";
import type { ShippedPlugins } from "../plugins/shipped-plugins.js";
import type { SourceEntry } from "../plugins/source-entry.js";
import type { Flags } from "../config/variable-layers.js";

/** The environment and services of a host application. */
export interface HostOptions {
  /** Absolute. */
  readonly cwd: string;
  /** The environment variables; pass `process.env` to use the application's own. */
  readonly env: Env;
  /** Plugins as values. A later plugin replaces an earlier one of the same name. */
  readonly plugins?: readonly SourcePlugin[] | undefined;
  /** Plugins by source name, imported on demand. A plugin in `plugins` replaces one of the same name. */
  readonly shipped?: ShippedPlugins | undefined;
  /** A configuration file to use instead of searching. It is trusted. `false`: no file is read, not even the user's. */
  readonly config?: string | false | undefined;
  /** Settings in place of a project file. They are trusted; variables and flags take precedence. */
  readonly settings?: InlineSettings | undefined;
  /** The application's tsyringe container. Services registered under `tokens` replace the host's. */
  readonly container?: HostContainer | undefined;
  /** Receives masked log lines. Default: the container's `tokens.log`, else logging is off. */
  readonly logger?: Log | undefined;
  /** Observes all work, for traces and metrics. `@molecule/telemetry` provides one for OpenTelemetry. */
  readonly observer?: Observer | undefined;
  readonly flags?: Flags | undefined;
  /** The home directory. Default: `HOME` of `env`, else that of the user. */
  readonly home?: string | undefined;
  /** The mask to which the host adds the secrets it finds. Default: a new one. */
  readonly mask?: Mask | undefined;
}

/** How the names of a source's images start. */
export interface PluginImageNames {
  /** The name of the source. */
  readonly source: string;
  /** The start of the reference, up to the runtime. */
  readonly start: string;
}

/** Options of {@link Host.diagnose}. */
export interface DiagnoseOptions {
  readonly signal?: AbortSignal | undefined;
  /** Runtimes that must have a template or image. Default: none; findings then list the runtimes that have one. */
  readonly runtimes?: readonly string[] | undefined;
}

/** A loaded environment, with everything that does not require requesting an image. */
export interface Host {
  readonly settings: Settings;
  readonly registry: RegistrySource;
  readonly selection: Selection;
  readonly engine: ContainerEngine;
  readonly mask: Mask;
  readonly log: Log;
  /** Holds every service: a child of the application's container, or of tsyringe's root container without one. */
  readonly container: HostContainer;
  /** The starts of image references, up to the runtime, that plugins declare. */
  readonly imageNames: readonly PluginImageNames[];
  /** Returns all sources. Imports the shipped plugins that are not loaded yet. */
  sources(): Promise<readonly SourceEntry[]>;
  /** Returns the effective configuration and where each value comes from. Tokens are shown as `***`. */
  values(): Promise<readonly SettingValue[]>;
  /**
   * Creates the provider of the selected source. Rejects with `PLUGIN_NOT_FOUND`, `PLUGIN_BROKEN`, `PLUGIN_INVALID` or
   * `CONFIG_INVALID`. Contacts nothing.
   */
  createProvider(): Promise<HostImageProvider>;
  /**
   * Returns the engine that stores the selected source's images; undefined if no engine does. If the source cannot be
   * created, returns the configured engine. Rejects with the engine's errors.
   */
  imageEngine(caller?: { readonly signal?: AbortSignal | undefined }): Promise<ContainerEngine | undefined>;
  /**
   * Removes old images and checkouts of the local source and of the selected source, in any mode. The limits apply to
   * each source separately. Rejects like {@link createProvider}, and with the sources' errors.
   */
  prune(request?: PruneRequest, caller?: { readonly signal?: AbortSignal | undefined }): Promise<PruneResult>;
  /**
   * Checks the setup, with checks of the host and of the selected source. Each check has a ten-second limit, and a
   * failed check is a finding. Rejects with `CANCELLED`, with `RUNTIME_UNKNOWN` for a named runtime that is not
   * allowed, and with `CONFIG_INVALID` for invalid options. Changes nothing.
   * @param problems configuration problems that are already known
   */
  diagnose(caller?: DiagnoseOptions, problems?: readonly ImageSourceError[]): Promise<readonly Finding[]>;
  /** Closes everything that the host opened. The application's own services stay open. */
  close(): Promise<void>;
  /** Same as {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** An image provider with the additional members that the command line and the provisioner use. */
export interface HostImageProvider
  extends
    ImageProvider,
    Pick<Host, "settings" | "engine" | "imageEngine" | "mask" | "container" | "sources"> {
  /** Returns the engine that holds a ready image. Throws `CONTAINER_FAILED` when no engine does. */
  engineOf(image: ReadyImage): ContainerEngine;
  /**
   * Throws `CONTAINER_FAILED` if no engine will have the runtime's image. Accepts an unknown runtime, which `ensure`
   * refuses. Contacts nothing.
   */
  assertRunnable(runtime: string): void;
  /**
   * Returns the branch that the runtime's images are built from; undefined if they follow none, such as images of a registry
   * or of a pinned commit. Contacts nothing. Throws `RUNTIME_UNKNOWN` or `CONFIG_INVALID`.
   */
  upstreamOf(runtime: string): Upstream | undefined;
}
