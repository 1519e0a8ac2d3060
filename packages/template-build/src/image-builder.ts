import type { Call, EngineIdentity, ImageInspection, Platform, StepReport } from "@molecule/core";

/** Makes images from directories, and knows the images it made. */
export interface ImageBuilder {
  /** Which engine's API holds the images; null when none does. */
  engine(call: Call): Promise<EngineIdentity | null>;
  /** What it builds without being told. */
  nativePlatform(call: Call): Promise<Platform>;
  /** By name or ID; undefined when there is none. */
  inspect(nameOrId: string, call: Call): Promise<ImageInspection | undefined>;
  /** The images that carry every one of the labels. */
  images(labels: Readonly<Record<string, string>>, call: Call): Promise<readonly ImageInspection[]>;
  /** Builds without naming the result; answers its ID. Rejects with `BUILD_FAILED` or `TEMPLATE_INVALID`. */
  build(plan: BuildPlan, report: StepReport, call: Call): Promise<string>;
  /** Names an image, atomically. */
  tag(imageId: string, reference: string, call: Call): Promise<void>;
  /** Pulls an image by a tag and answers its ID. Rejects as an engine's pull does. */
  pull(reference: string, platform: Platform, report: StepReport, call: Call): Promise<string>;
  /** Pushes an image under that tag. Rejects as an engine's push does. */
  push(imageId: string, reference: string, report: StepReport, call: Call): Promise<void>;
  /** Takes a name away from an image that has others. An absent one is no error. */
  untag(reference: string, call: Call): Promise<void>;
  /** Removes an image that turned out wrong. */
  discard(imageId: string, call: Call): Promise<void>;
}

export interface BuildPlan {
  /** The checkout: an absolute path. */
  readonly directory: string;
  /** For what the builder needs on the disk: private, removed after the build. Not empty when it is a second try. */
  readonly scratch: string;
  /** A regular file in it, relative, with forward slashes. */
  readonly dockerfile: string;
  /** The commit's time: the one that files in the context get. */
  readonly modifiedAt: Date;
  readonly platform: Platform;
  readonly labels: Readonly<Record<string, string>>;
  readonly target: string | undefined;
  readonly buildArgs: Readonly<Record<string, string>>;
  /** Without cache, base images asked for anew. */
  readonly fresh: boolean;
}
