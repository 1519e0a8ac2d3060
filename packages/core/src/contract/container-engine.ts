import type { Readable, Writable } from "node:stream";
import type { Platform, PlatformParts } from "../values/platform.js";
import type { StepReport } from "./progress.js";

/**
 * A container engine, as sources and the provisioner need one. `@molecule/engine` implements it over the Docker
 * Engine API. Every method rejects with an `ImageSourceError`: `ENGINE_UNAVAILABLE` when the engine cannot be
 * reached or gives up, `STORAGE_UNUSABLE` when its disk is full, `CANCELLED` when the signal aborts, and what each
 * method names. Nothing is contacted before the first call of a method.
 */
export interface ContainerEngine {
  /** Which engine this is; asks it only when no earlier answer has shown it. */
  identify(options?: EngineCall): Promise<EngineIdentity>;
  /** Version, native platform and abilities. */
  describe(options?: EngineCall): Promise<EngineDescription>;

  /** The directory where it keeps images, on its own machine; undefined where it does not say. */
  storageDirectory(options?: EngineCall): Promise<string | undefined>;
  /**
   * Asks the registry of `reference` for it, with the credentials of this user, as a pull would; nothing is pulled.
   * Undefined where the engine cannot do that (Podman). Rejects as a pull does.
   */
  askRegistry(reference: string, options?: EngineCall): Promise<{ readonly digest: string } | undefined>;

  /**
   * By name or ID; undefined when there is no such image. With a platform: of an index, the image for that platform; an
   * image for another platform is returned only where the engine has none for this one.
   */
  inspectImage(nameOrId: string, options?: InspectCall): Promise<ImageInspection | undefined>;
  /** Images that carry every one of the labels (`key` or `key=value`). */
  listImages(
    filter: { readonly labels?: readonly string[]; readonly reference?: string },
    options?: EngineCall,
  ): Promise<readonly ImageSummary[]>;
  /** Makes `reference` (with a tag) a name of the image. Atomic in the engine. */
  tagImage(imageId: string, reference: string, options?: EngineCall): Promise<void>;
  /** Removes a name, or an image by its ID. An absent one is no error. */
  removeImage(nameOrId: string, options?: EngineCall): Promise<void>;
  /**
   * Pulls `reference` (with a tag or a digest); of an index, the image for the platform, whichever was pulled before.
   * {@link inspectPulled} inspects what came.
   * Rejects with `SOURCE_UNREACHABLE`, `SOURCE_DENIED`, `SOURCE_NOT_FOUND`, `SOURCE_MALFORMED`, `SOURCE_MISMATCH`.
   */
  pullImage(request: PullRequest, options?: EngineCall): Promise<PulledImage>;
  /**
   * Pushes `reference` (with a tag), which must be a name of an image here. Answers the registry's digest where the
   * engine said it. Rejects as a pull does.
   */
  pushImage(request: PushRequest, options?: EngineCall): Promise<{ readonly digest: string | undefined }>;
  /**
   * Loads the images of an archive, as `docker save` writes one. Answers what the engine calls each: names with tags
   * where the archive has names, else IDs. A name in the archive is taken from whatever image had it. Rejects with
   * `SOURCE_MALFORMED` when it is no such archive, with the archive's own error when reading it fails.
   */
  loadImage(request: LoadRequest, options?: EngineCall): Promise<{ readonly loaded: readonly string[] }>;
  /**
   * Builds an image without naming it. Rejects with `BUILD_FAILED` (the last lines in `output`), or as a pull does
   * when a base image cannot be had or is for another platform; with `CONFIG_INVALID` when it has secrets and the builder takes none.
   */
  buildImage(request: BuildRequest, options?: EngineCall): Promise<{ readonly imageId: string }>;

  /** Rejects with `CONTAINER_CONFLICT` when the name is taken, `CONTAINER_FAILED` when the image is not there. */
  createContainer(spec: ContainerSpec, options?: EngineCall): Promise<{ readonly id: string }>;
  startContainer(id: string, options?: EngineCall): Promise<void>;
  /** Output from now on; attach before the start to miss nothing. Both streams end when the container does. */
  attachContainer(id: string, options?: AttachCall): Promise<ContainerOutput>;
  /** Sets the size of the terminal of a running container. One that has exited is no error. */
  resizeContainer(id: string, size: TerminalSize, options?: EngineCall): Promise<void>;
  /** Resolves when the container has exited. */
  waitContainer(id: string, options?: EngineCall): Promise<{ readonly exitCode: number }>;
  /** The last `tail` lines of both streams. */
  containerLogs(id: string, request: { readonly tail: number }, options?: EngineCall): Promise<string>;
  /** By name or ID; undefined when there is no such container. */
  inspectContainer(nameOrId: string, options?: EngineCall): Promise<ContainerInspection | undefined>;
  /** All there are, also those that have exited or were never started. */
  listContainers(options?: EngineCall): Promise<readonly ContainerSummary[]>;
  /** Sends a signal (`SIGINT`). A container that has exited already is no error. */
  signalContainer(id: string, signal: string, options?: EngineCall): Promise<void>;
  /** Asks it to stop, and kills it after the grace period. A stopped or absent one is no error. */
  stopContainer(id: string, request: { readonly graceSeconds: number }, options?: EngineCall): Promise<void>;
  /** An absent one is no error; a running one only with `force`. Its anonymous volumes go with it. A removal that is under way is waited for. */
  removeContainer(id: string, request: { readonly force: boolean }, options?: EngineCall): Promise<void>;

  /** Closes idle connections. */
  close(): Promise<void>;
}

/** What every call of an engine takes. */
export interface EngineCall {
  readonly signal?: AbortSignal | undefined;
}

/** What an inspection of an image takes. */
export interface InspectCall extends EngineCall {
  readonly platform?: Platform | undefined;
}

/** What attaching takes. Both members must be as the container was created. */
export interface AttachCall extends EngineCall {
  /** Also passes input. Default: false. */
  readonly stdin?: boolean | undefined;
  /** The container has a terminal: all of its output comes as stdout. Default: false. */
  readonly terminal?: boolean | undefined;
}

/** The size of a terminal, in characters. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** Which engine it is. */
export interface EngineIdentity {
  readonly kind: "docker" | "podman";
  /** `unix:///var/run/docker.sock`, `tcp://host:2376`; without credentials. */
  readonly address: string;
}

/** Which engine it is, and what it can do. */
export interface EngineDescription extends EngineIdentity {
  readonly version: string;
  readonly apiVersion: string;
  /** What it builds and runs without being told. */
  readonly platform: Platform;
  readonly buildkit: boolean;
}

/** What the engine says of one image. */
export interface ImageInspection extends PlatformParts {
  /** `sha256:` and 64 hex digits. The images of one index may share it: a container needs the platform as well. */
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Familiar references with tags. */
  readonly tags: readonly string[];
  /** Familiar references with digests. */
  readonly digests: readonly string[];
  readonly sizeBytes: number;
  /** ISO 8601: when it last got a name here; null where it has none, or the engine does not say. */
  readonly taggedAt: string | null;
}

/** An image, as a list has it. */
export interface ImageSummary {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly digests: readonly string[];
  readonly sizeBytes: number;
  /** Seconds since 1970. */
  readonly createdAt: number;
  /** For which platforms it is here, where the engine keeps an index as one image. */
  readonly platforms?: readonly Platform[] | undefined;
}

/** An image to fetch from a registry. */
export interface PullRequest {
  readonly reference: string;
  /** Without one the engine takes its own. */
  readonly platform: Platform | undefined;
  readonly report: StepReport;
}

/** What a pull brought. */
export interface PulledImage {
  /** What the reference resolved to at the registry, an index's own digest included; undefined where nobody said it. */
  readonly digest: string | undefined;
  /** Of the platform's own manifest, where the engine keeps the image under that digest instead. */
  readonly manifest?: string | undefined;
  /** The image's ID, where the engine said it. */
  readonly imageId?: string | undefined;
}

/** An image to send to the registry that its name says. */
export interface PushRequest {
  readonly reference: string;
  readonly report: StepReport;
}

/** Images to take out of an archive, as `docker save` writes it. */
export interface LoadRequest {
  /** A tar stream; destroyed when the load ends. */
  readonly archive: Readable;
  readonly report: StepReport;
}

/** A build context, file by file. */
export interface ContextFiles {
  /** The time of everything in it. */
  readonly modifiedAt: Date;
  /** All of it; or of these paths those that are there, whatever an ignore file says. */
  list(only?: readonly string[]): ContextListing;
}

/** Some of a build context. Whoever asked for it closes it. */
export interface ContextListing {
  /** In the order of the names' bytes, a directory before what is in it. */
  entries(): AsyncIterable<ContextListingEntry>;
  /** The content of a file of `entries`, one at a time. Rejects when it is not any more as it was listed. */
  content(path: string): AsyncIterable<Uint8Array>;
  /** @param isFetched whether all that was wanted of it has been given out */
  close(isFetched: boolean): void;
}

/** What is at one path of a build context. Owned by root. */
export interface ContextListingEntry {
  readonly kind: "directory" | "file" | "link";
  /** Relative, with slashes. */
  readonly path: string;
  /** Permissions. */
  readonly mode: number;
  /** Bytes, of a file; else 0. */
  readonly size: number;
  /** Of a link; else empty. */
  readonly target: string;
}

/** An image to build, without a name. */
export interface BuildRequest {
  /** A tar stream; destroyed when the build ends early. */
  readonly context: Readable;
  /** The same, file by file: a builder that asks for files takes these, and leaves the stream alone. */
  readonly files?: ContextFiles | undefined;
  /** Path of the Dockerfile inside the context. */
  readonly dockerfile: string;
  /** Its path inside `context`, where that differs from the one in `files`. Default: `dockerfile`. */
  readonly contextDockerfile?: string | undefined;
  /**
   * Paths of `context` that no step may copy, for Podman, which then applies no ignore file of the context. Docker has no
   * such parameter. Default: none.
   */
  readonly contextExcludes?: readonly string[];
  readonly platform: Platform;
  readonly labels: Readonly<Record<string, string>>;
  readonly target: string | undefined;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly noCache: boolean;
  /** Asks the registries for newer base images. */
  readonly pullBases: boolean;
  /**
   * The hosts of the registries that base images come from, for a builder that must be told their credentials beforehand.
   * BuildKit asks for those that it needs. Default: none.
   */
  readonly baseRegistries?: readonly string[];
  /**
   * The base images that the Dockerfile names without a platform. Where a builder does not say itself that one of them is for
   * another platform than the build's, the registry is asked. Default: none.
   */
  readonly plainBases?: readonly string[];
  /** By ID, for `RUN --mount=type=secret,id=…`. They stay in no image, history or cache. Default: none. */
  readonly secrets?: Readonly<Record<string, Uint8Array>>;
  readonly report: StepReport;
}

/** A container to create. */
export interface ContainerSpec {
  readonly name: string | undefined;
  readonly imageId: string;
  readonly platform: Platform;
  readonly env: Readonly<Record<string, string>>;
  /** Arguments for the entry point; undefined keeps the image's own. */
  readonly args: readonly string[] | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** The engine removes the container when it exits. */
  readonly autoRemove: boolean;
  /** Its stdin is open until the caller that attached with `stdin` ends it. Default: false, it is empty. */
  readonly stdin?: boolean | undefined;
  /** It gets a terminal. Default: false. */
  readonly terminal?: boolean | undefined;
}

/** What the engine says of one container. */
export interface ContainerInspection {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  readonly imageId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly running: boolean;
  /** Meaningful once it has exited. */
  readonly exitCode: number;
  /** What the engine says went wrong, else empty. */
  readonly error: string;
}

/** A container, as a list has it. */
export interface ContainerSummary {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  readonly imageId: string;
}

/** What a container writes, as it writes it. Both streams end when it has exited. */
export interface ContainerOutput {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Its input, where that was asked for: end it to say that there is no more. */
  readonly stdin?: Writable | undefined;
}
