import type { Call, EngineIdentity, ImageInspection, Platform, StepReport } from "@molecule/core";
import type { BuildSecrets } from "./build-secrets.js";

/** Makes images from directories, and knows the images it made. */
export interface ImageBuilder {
  /** Which engine's API holds the images; null when none does. */
  engine(call: Call): Promise<EngineIdentity | null>;
  /** The platform it builds for by default. */
  nativePlatform(call: Call): Promise<Platform>;
  /** By name or ID; undefined when there is none. With a platform, that of an index, as an engine inspects it. */
  inspect(nameOrId: string, call: Call, platform?: Platform): Promise<ImageInspection | undefined>;
  /** The images that carry every one of the labels (`key` or `key=value`). */
  images(labels: readonly string[], call: Call): Promise<readonly ImageInspection[]>;
  /** The images that containers are made from, running or not: the name of a container by the image's ID. */
  inUse(call: Call): Promise<ReadonlyMap<string, string>>;
  /**
   * Builds without naming the result; returns its ID. Rejects with `BUILD_FAILED` or `TEMPLATE_INVALID`; with
   * `CONFIG_INVALID` where there are secrets and it cannot hand them to a build.
   */
  build(plan: BuildPlan, report: StepReport, call: Call): Promise<string>;
  /** Names an image, atomically. */
  tag(imageId: string, reference: string, call: Call): Promise<void>;
  /** Pulls an image by tag and returns its ID. Rejects like an engine's pull. */
  pull(reference: string, platform: Platform, report: StepReport, call: Call): Promise<string>;
  /** Pushes an image under that tag. Rejects as an engine's push does. */
  push(imageId: string, reference: string, report: StepReport, call: Call): Promise<void>;
  /**
   * Removes a name, and the image with its last name. A missing name is not an error. Rejects with `CONTAINER_CONFLICT` where
   * it is the last and the image is in use.
   */
  untag(reference: string, call: Call): Promise<void>;
  /** Removes an image without names. Rejects with `CONTAINER_CONFLICT` where it is in use. */
  discard(imageId: string, call: Call): Promise<void>;
}

/** What is built, from what, for whom. */
export interface BuildPlan {
  /** The checkout: an absolute path. */
  readonly directory: string;
  /** For what the builder needs on the disk: private, removed after the build. Not empty when it is a second try. */
  readonly scratch: string;
  /** A regular file in it, relative, with forward slashes. */
  readonly dockerfile: string;
  /** The path by which it was asked for, maybe a link: its ignore file is beside this one. */
  readonly namedDockerfile: string;
  /** The commit's time: the one that files in the context get. */
  readonly modifiedAt: Date;
  readonly platform: Platform;
  readonly labels: Readonly<Record<string, string>>;
  readonly target: string | undefined;
  readonly buildArgs: Readonly<Record<string, string>>;
  /** The hosts of the registries whose images the Dockerfile names, as far as they are known before the build. */
  readonly baseRegistries: readonly string[];
  /** The base images that the Dockerfile names without a platform, as far as they are known before the build. */
  readonly plainBases: readonly string[];
  /** Never for an argument, a label or the image. */
  readonly secrets: BuildSecrets;
  /** Without cache; base images are pulled again. */
  readonly fresh: boolean;
}
