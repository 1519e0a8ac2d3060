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
} from "@molecule/core";
import type { HostContainer } from "./compose.js";
import type { Settings, SettingValue } from "./config/settings.js";
import type { ShippedPlugins } from "./plugins/shipped-plugins.js";
import type { SourceEntry } from "./plugins/source-entry.js";
import type { Flags } from "./config/variable-layers.js";

/** An environment, and what a host application brings. */
export interface HostOptions {
  /** Absolute. */
  readonly cwd: string;
  /** A plain record; `process.env` where the host application wants its own. */
  readonly env: Env;
  /** Plugins as values. A later one replaces an earlier one of its name. */
  readonly plugins?: readonly SourcePlugin[] | undefined;
  /** Plugins by their names, imported when one is selected or asked about. One of `plugins` replaces one of these. */
  readonly shipped?: ShippedPlugins | undefined;
  /** A configuration file to use instead of searching; it counts as trusted. */
  readonly config?: string | undefined;
  /** The application's own tsyringe container; what it has registered under `tokens` replaces the host's. */
  readonly container?: HostContainer | undefined;
  /** Where log lines go, masked. Default: the container's `tokens.log`, else nowhere. */
  readonly logger?: Log | undefined;
  /** Hears of every piece of work, for traces and metrics; `@molecule/telemetry` makes one for OpenTelemetry. */
  readonly observer?: Observer | undefined;
  readonly flags?: Flags | undefined;
  /** Default: that of the environment, else of the user. */
  readonly home?: string | undefined;
  /** To be filled with the secrets that the host learns of. Default: one of its own. */
  readonly mask?: Mask | undefined;
}

/** What a diagnosis is about. */
export interface DiagnoseOptions {
  readonly signal?: AbortSignal | undefined;
  /** Their templates or images are looked up. Default: none. */
  readonly runtimes?: readonly string[] | undefined;
}

/** An environment that has been read: what can be said and done without asking for an image. */
export interface Host {
  readonly settings: Settings;
  readonly registry: RegistrySource;
  readonly selection: Selection;
  readonly engine: ContainerEngine;
  readonly mask: Mask;
  readonly log: Log;
  /** Holds every service: a child of the application's container, or of tsyringe's root container without one. */
  readonly container: HostContainer;
  /** Imports the shipped plugins that were not needed so far. */
  sources(): Promise<readonly SourceEntry[]>;
  /** The effective configuration and where each value comes from; the token is `***`. */
  values(): Promise<readonly SettingValue[]>;
  /**
   * Makes the selected source. Rejects with `PLUGIN_NOT_FOUND`, `PLUGIN_BROKEN`, `PLUGIN_INVALID` or `CONFIG_INVALID`.
   * Contacts nothing.
   */
  createProvider(): Promise<HostImageProvider>;
  /**
   * The engine that has the images of the selected source; undefined when no engine's API has them. The configured one
   * where that source cannot be made. Rejects as an engine does.
   */
  imageEngine(caller?: { readonly signal?: AbortSignal | undefined }): Promise<ContainerEngine | undefined>;
  /**
   * Removes what is old of what sources have made here, whichever mode is selected: of the source for local builds, and
   * of the selected one. Each limit holds for each of them by itself. Rejects as {@link createProvider}, and as sources
   * do.
   */
  prune(request?: PruneRequest, caller?: { readonly signal?: AbortSignal | undefined }): Promise<PruneResult>;
  /**
   * Probes everything that getting images needs: what the host knows of, and what the selected source contributes. Each
   * check has ten seconds, and what is wrong is a finding, no failure. Rejects with `CANCELLED`, or `RUNTIME_UNKNOWN` for
   * a named runtime that is not allowed. Changes nothing.
   * @param problems what is known to be wrong with the configuration already
   */
  diagnose(caller?: DiagnoseOptions, problems?: readonly ImageSourceError[]): Promise<readonly Finding[]>;
  /** Closes what the host has opened. What the application brought stays open. */
  close(): Promise<void>;
}

/** An image provider, and what its command line and its provisioner need besides. */
export interface HostImageProvider
  extends ImageProvider, Pick<Host, "settings" | "engine" | "mask" | "container" | "sources"> {
  /** The engine that holds a ready image, to run it there. Throws `CONTAINER_FAILED` when no engine does. */
  engineOf(image: ReadyImage): ContainerEngine;
}
