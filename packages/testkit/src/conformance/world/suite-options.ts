import type {
  ContainerEngine,
  Env,
  ImageSource,
  Platform,
  RegistryClient,
  Run,
  RuntimeName,
  SourcePlugin,
  SourceServices,
  Store,
} from "@molecule/core";
import type { UpstreamFaults } from "./upstream-faults.js";
import type { MakesImage } from "./watched-run.js";

/** The parts that you provide to the suite. It provides everything else. */
export interface SuiteOptions {
  /**
   * `test` of node:test, jest or vitest. Called once for each law, with a name that begins with its chapter. If you wrap
   * the body, pass its arguments on with `(...context) => body(...context)`: the suite uses them to mark a law as skipped.
   */
  readonly test: (name: string, body: (...context: readonly unknown[]) => Promise<void>) => unknown;
  /** The source: its plugin, or a function if it has none. */
  readonly source: SourcePlugin | ((options: unknown, services: SourceServices) => ImageSource);
  /** Starts the upstream that the source gets its images from. Called once for each law. */
  readonly upstream: (world: SuiteWorld) => Promise<SuiteUpstream>;
  /** Connects to the engine that the images end up in. Called once for each law. Default: an in-memory engine. */
  readonly engine?: () => ContainerEngine;
  /** For sources whose images are not in an engine. Default: the images in `engine`. */
  readonly images?: (engine: ContainerEngine) => ImageStore;
  /** For sources that run programs. Default: refuses every call. */
  readonly run?: Run;
  /** For sources that query registries. Default: refuses every call. */
  readonly registryClient?: RegistryClient;
  /**
   * Creates the store in a directory that need not exist yet, for sources that depend on more than `createTestStore`
   * does. Default: `createTestStore`.
   */
  readonly store?: (directory: string) => Store;
  /**
   * Which of these programs make an image, for sources without an engine: the suite slows them down, suppresses their
   * output or hides them.
   * Default: none.
   */
  readonly makesImage?: MakesImage;
}

/** The suite's services for the code that starts an upstream. */
export interface SuiteWorld {
  /** A runtime that no other law uses. */
  readonly runtime: RuntimeName;
  readonly platform: Platform;
  /** Empty, private, and removed afterwards. */
  readonly directory: string;
  /** For sources that take a secret: pass it to the source in `env`, and have the upstream require it. */
  readonly secret: string;
  /** The engine, without recording calls: for images that must exist beforehand. */
  readonly engine: ContainerEngine;
  /**
   * Puts a proxy of the suite in front of an HTTP server, and returns the proxy's address: `http://HOST:PORT/PATH` or
   * `HOST:PORT`, in the form of the server's address. The source must reach the server only through it: there the suite
   * makes the server slow, hostile or unreachable. For an upstream that is not an HTTP server, see `faults`.
   */
  readonly door: (address: string) => Promise<string>;
}

/** The upstream that the source gets its images from. */
export interface SuiteUpstream {
  /**
   * The plugin's options, as a user writes them. Default: none. If the options select the image, make this a getter:
   * it is read again after each `publish`, and a different object creates a new source.
   */
  readonly options?: unknown;
  /** Environment variables of the source, in addition to PATH, HOME and TMPDIR. */
  readonly env?: Env;
  /** The value of `MOLECULE_IMAGE_REGISTRY`; undefined for a source of local images. */
  readonly registry?: string;
  /** Makes the runtime's newest image one that prints exactly `version` and a newline when it is run. */
  publish(runtime: RuntimeName, version: string): Promise<void>;
  /**
   * Tags an image other than the resolved one with that name in the engine. Default: an older image of the runtime,
   * which works if references follow revisions.
   */
  impostor?(reference: string): Promise<void>;
  /** How to break an upstream that is not behind `world.door`. Takes precedence over a door. */
  readonly faults?: UpstreamFaults;
  stop?(): Promise<void>;
}

/** The place where images end up, as the suite sees it. */
export interface ImageStore {
  /** Every name with its image ID. */
  list(): Promise<readonly { readonly name: string; readonly imageId: string }[]>;
  tag(imageId: string, name: string): Promise<void>;
  /** Ignores a missing image. */
  remove(name: string): Promise<void>;
  /** Runs the image and returns what it printed. */
  print(imageId: string): Promise<string>;
}
