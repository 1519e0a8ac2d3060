import type {
  ContainerEngine,
  Env,
  ImageSource,
  Platform,
  Run,
  RuntimeName,
  SourcePlugin,
  SourceServices,
} from "@molecule/core";
import type { MakesImage } from "./world/watched-run.js";

/** What the suite needs from you. It brings everything else. */
export interface SuiteOptions {
  /** That of node:test, jest or vitest: one call for each law, with a name that begins with its chapter. */
  readonly test: (name: string, body: () => Promise<void>) => unknown;
  /** The source: as its plugin, or as a function for one that has none. */
  readonly source: SourcePlugin | ((options: unknown, services: SourceServices) => ImageSource);
  /** Stands up what the source gets its images from. Called once for each law. */
  readonly upstream: (world: SuiteWorld) => Promise<SuiteUpstream>;
  /** Connects to the engine that the images end up in; called once for each law. Default: one in memory. */
  readonly engine?: () => ContainerEngine;
  /** For sources whose images are in no engine. Default: what `engine` holds. */
  readonly images?: (engine: ContainerEngine) => ImageStore;
  /** For sources that run programs. Default: one that refuses. */
  readonly run?: Run;
  /** Which of these programs make an image, where no engine does: the suite makes them slow, silent or absent. Default: none. */
  readonly makesImage?: MakesImage;
}

/** What the suite offers to the code that starts an upstream. */
export interface SuiteWorld {
  /** A runtime that no other law has. */
  readonly runtime: RuntimeName;
  readonly platform: Platform;
  /** Empty, private, removed afterwards. */
  readonly directory: string;
  /** For sources that take a secret: give it to the source through `env`, and let the upstream ask for it. */
  readonly secret: string;
  /** The engine, not watched: for what has to be in it beforehand. */
  readonly engine: ContainerEngine;
  /**
   * Puts a proxy of the suite in front of an HTTP server, and returns the proxy's address: `http://HOST:PORT/PATH` or
   * `HOST:PORT`, as the server's was written. The source must reach the server through it alone: there the suite makes
   * the server slow, rude or absent.
   */
  readonly door: (address: string) => Promise<string>;
}

/** What the source gets its images from. */
export interface SuiteUpstream {
  /**
   * The plugin's options, as a user writes them. Default: none. Where it is they that say which image there is, a getter:
   * they are read again after each `publish`, and another object makes another source.
   */
  readonly options?: unknown;
  /** The environment of the source, in addition to PATH, HOME and TMPDIR. */
  readonly env?: Env;
  /** The value of `MOLECULE_IMAGE_REGISTRY`; undefined for a source of local images. */
  readonly registry?: string;
  /** From now on the newest image of that runtime prints exactly `version` and a line end when it is run. */
  publish(runtime: RuntimeName, version: string): Promise<void>;
  /**
   * Gives that name, in the engine, to an image that is not the one resolved. Default: an older image of the runtime,
   * which serves where references follow revisions.
   */
  impostor?(reference: string): Promise<void>;
  stop?(): Promise<void>;
}

/** Where images end up, as the suite looks at it. */
export interface ImageStore {
  /** Every name with the ID of its image. */
  list(): Promise<readonly { readonly name: string; readonly imageId: string }[]>;
  tag(imageId: string, name: string): Promise<void>;
  /** A missing one is not an error. */
  remove(name: string): Promise<void>;
  /** Runs the image and returns what it printed. */
  print(imageId: string): Promise<string>;
}
