import type {
  BuildContext,
  Call,
  ContainerEngine,
  EngineIdentity,
  ImageInspection,
  Platform,
  RuntimeName,
  StepReport,
} from "@molecule/core";
import type { BuildSecrets } from "./build-secrets.js";

/** Builds images from contexts, and lists the images that it built. */
export interface ImageBuilder {
  /**
   * The registry that the images are in, as `HOST[:PORT]/PATH`, with which their names begin. Such an image is named by
   * its digest, the first of its `digests`. Undefined: the images are in an engine or a storage.
   */
  readonly registry?: string;
  /** The engine whose API holds the images; null if there is none. */
  engine(call: Call): Promise<EngineIdentity | null>;
  /** The platform it builds a runtime for by default. */
  nativePlatform(runtime: RuntimeName, call: Call): Promise<Platform>;
  /** Chooses the machine for the next build of a runtime. Default: there is one machine, with the native platform. */
  chooseMachine?(runtime: RuntimeName, call: Call): Promise<BuildMachine>;
  /**
   * Finds an image by name or ID; undefined if not found. With a platform, inspects that platform of an index. Rejects
   * with `SOURCE_MISMATCH` if a registry has an image of this name, but not for the platform.
   */
  inspect(nameOrId: string, call: Call, platform?: Platform): Promise<ImageInspection | undefined>;
  /** Returns the images that have all of the labels (`key` or `key=value`); none if they are in a registry. */
  images(labels: readonly string[], call: Call): Promise<readonly ImageInspection[]>;
  /** Returns the images that containers use, running or not: a container's name by image ID. */
  inUse(call: Call): Promise<ReadonlyMap<string, string>>;
  /**
   * Rejects with `CONFIG_INVALID` if no build could start. Called before the template is fetched. Default: resolves.
   */
  assertReady?(): Promise<void>;
  /**
   * Builds without tagging the result; returns its ID or its name by digest. Rejects with `BUILD_FAILED` or
   * `TEMPLATE_INVALID`; with `CONFIG_INVALID` if there are secrets and it cannot pass them to a build.
   */
  build(plan: BuildPlan, report: StepReport, call: Call): Promise<string>;
  /** Tags an image, atomically. */
  tag(image: BuiltImage, reference: string, call: Call): Promise<void>;
  /**
   * Looks up a reference in its registry, as a pull would. Default: this process looks it up, with this user's
   * credentials.
   */
  askRegistry?: ContainerEngine["askRegistry"];
  /** Pulls an image by tag or digest and returns its ID. Rejects like an engine's pull. */
  pull(reference: string, platform: Platform, report: StepReport, call: Call): Promise<string>;
  /** Pushes an image under that tag. Rejects as an engine's push does. */
  push(imageId: string, reference: string, report: StepReport, call: Call): Promise<void>;
  /**
   * Removes a tag or a name by digest, and the image with its last name. A missing name is not an error. Rejects with
   * `CONTAINER_CONFLICT` if it is the last name and the image is in use.
   */
  untag(reference: string, call: Call): Promise<void>;
  /** Removes an untagged image. Rejects with `CONTAINER_CONFLICT` if it is in use. */
  discard(image: BuiltImage, call: Call): Promise<void>;
}

/** An image, by its ID in an engine and its names by digest in a registry. */
export type BuiltImage = Pick<ImageInspection, "id" | "digests">;

/** A machine that builds. */
export interface BuildMachine {
  /** The builder's address; undefined for its default. */
  readonly address: string | undefined;
  /** Its native platform; undefined if unknown. */
  readonly platform: Platform | undefined;
}

/** The request for a build. */
export interface BuildPlan {
  readonly context: BuildContext;
  /** Private directory for the builder's files, removed after the build. Not empty on a retry. */
  readonly scratch: string;
  /** The result of `chooseMachine`, which runs while the template is fetched; undefined if the builder has no choice. */
  readonly machine: Promise<BuildMachine> | undefined;
  readonly platform: Platform;
  readonly labels: Readonly<Record<string, string>>;
  readonly target: string | undefined;
  readonly buildArgs: Readonly<Record<string, string>>;
  /** Hosts of the registries whose images the Dockerfile names, if known before the build. */
  readonly baseRegistries: readonly string[];
  /** Base images that the Dockerfile names without a platform, if known before the build. */
  readonly plainBases: readonly string[];
  /** Must never appear in an argument, a label or the image. */
  readonly secrets: BuildSecrets;
  /** Builds without cache and pulls base images again. */
  readonly fresh: boolean;
}
