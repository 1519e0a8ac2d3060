import type { Readable, Writable } from "node:stream";
import type { Platform, PlatformParts } from "../values/platform.js";
import type { StepReport } from "./progress.js";

/**
 * A container engine, as used by sources and the provisioner. `@molecule/engine` implements it over the Docker
 * Engine API. Every method rejects with an `ImageSourceError`: `ENGINE_UNAVAILABLE` when the engine cannot be
 * reached or stops responding, `STORAGE_UNUSABLE` when its disk is full, `CANCELLED` when the signal aborts, or a code
 * that the method names. Nothing is contacted before the first call of a method.
 */
export interface ContainerEngine {
  /** Returns which engine this is; contacts it only if no earlier response has shown that. */
  identify(options?: EngineCall): Promise<EngineIdentity>;
  /** Returns its version, native platform and abilities. */
  describe(options?: EngineCall): Promise<EngineDescription>;

  /** Returns the directory of its images, on its own machine; undefined if the engine does not report it. */
  storageDirectory(options?: EngineCall): Promise<string | undefined>;
  /**
   * Looks up `reference` in its registry with this user's credentials, as a pull would, without pulling anything.
   * Returns undefined if the engine cannot do that (Podman). Rejects as a pull does.
   */
  askRegistry(reference: string, options?: EngineCall): Promise<{ readonly digest: string } | undefined>;

  /**
   * Returns an image by name or ID; undefined if it does not exist. With a platform, returns that platform's image of
   * an index; an image for another platform is returned only if the engine has none for this one.
   */
  inspectImage(nameOrId: string, options?: InspectCall): Promise<ImageInspection | undefined>;
  /** Returns the images that have all of the labels (`key` or `key=value`). */
  listImages(
    filter: { readonly labels?: readonly string[]; readonly reference?: string },
    options?: EngineCall,
  ): Promise<readonly ImageSummary[]>;
  /** Tags the image as `reference`, which must have a tag. Atomic in the engine. */
  tagImage(imageId: string, reference: string, options?: EngineCall): Promise<void>;
  /** Removes a name, or an image by its ID. An absent one is not an error. */
  removeImage(nameOrId: string, options?: EngineCall): Promise<void>;
  /**
   * Pulls `reference` (with a tag or a digest); of an index, the platform's image, even if another was pulled before.
   * {@link inspectPulled} inspects the result.
   * Rejects with `SOURCE_UNREACHABLE`, `SOURCE_DENIED`, `SOURCE_NOT_FOUND`, `SOURCE_MALFORMED`, `SOURCE_MISMATCH`.
   */
  pullImage(request: PullRequest, options?: EngineCall): Promise<PulledImage>;
  /**
   * Pushes `reference` (with a tag), which must be the name of a local image. Returns the registry's digest if the
   * engine reports it. Rejects as a pull does.
   */
  pushImage(request: PushRequest, options?: EngineCall): Promise<{ readonly digest: string | undefined }>;
  /**
   * Loads the images of an archive written by `docker save`. Returns the engine's name for each: names with tags
   * if the archive has names, else IDs. A name in the archive moves from any image that had it. Rejects with
   * `SOURCE_MALFORMED` if it is not such an archive, or with the stream's own error if reading it fails.
   */
  loadImage(request: LoadRequest, options?: EngineCall): Promise<{ readonly loaded: readonly string[] }>;
  /**
   * Builds an image without naming it. Rejects with `BUILD_FAILED` (the last lines in `output`), or as a pull does
   * if a base image cannot be pulled or is for another platform; with `CONFIG_INVALID` if the builder lacks secrets.
   */
  buildImage(request: BuildRequest, options?: EngineCall): Promise<{ readonly imageId: string }>;

  /** Rejects with `CONTAINER_CONFLICT` if the name is taken, `CONTAINER_FAILED` if the image does not exist. */
  createContainer(spec: ContainerSpec, options?: EngineCall): Promise<{ readonly id: string }>;
  startContainer(id: string, options?: EngineCall): Promise<void>;
  /** Returns output from now on; attach before the start to get all of it. Both streams end when the container does. */
  attachContainer(id: string, options?: AttachCall): Promise<ContainerOutput>;
  /** Sets the terminal size of a running container. An exited container is not an error. */
  resizeContainer(id: string, size: TerminalSize, options?: EngineCall): Promise<void>;
  /** Resolves when the container has exited. */
  waitContainer(id: string, options?: EngineCall): Promise<{ readonly exitCode: number }>;
  /** Returns the last `tail` lines of both streams. */
  containerLogs(id: string, request: { readonly tail: number }, options?: EngineCall): Promise<string>;
  /** Returns a container by name or ID; undefined if it does not exist. */
  inspectContainer(nameOrId: string, options?: EngineCall): Promise<ContainerInspection | undefined>;
  /** Returns all containers, including those that have exited or were never started. */
  listContainers(options?: EngineCall): Promise<readonly ContainerSummary[]>;
  /** Sends a signal (`SIGINT`). An exited container is not an error. */
  signalContainer(id: string, signal: string, options?: EngineCall): Promise<void>;
  /** Stops a container, and kills it after the grace period. A stopped or absent one is not an error. */
  stopContainer(id: string, request: { readonly graceSeconds: number }, options?: EngineCall): Promise<void>;
  /**
   * Removes a container and its anonymous volumes; a running one only with `force`. An absent one is not an error.
   * Waits for a removal in progress.
   */
  removeContainer(id: string, request: { readonly force: boolean }, options?: EngineCall): Promise<void>;

  /** Closes idle connections. */
  close(): Promise<void>;
}

/** Options of every engine call. */
export interface EngineCall {
  readonly signal?: AbortSignal | undefined;
}

/** Options of an image inspection. */
export interface InspectCall extends EngineCall {
  readonly platform?: Platform | undefined;
}

/** Options for attaching. Both members must match how the container was created. */
export interface AttachCall extends EngineCall {
  /** Whether to attach stdin. Default: false. */
  readonly stdin?: boolean | undefined;
  /** Whether the container has a terminal: all of its output is on stdout. Default: false. */
  readonly terminal?: boolean | undefined;
}

/** The size of a terminal, in characters. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** The identity of an engine. */
export interface EngineIdentity {
  readonly kind: "docker" | "podman";
  /** `unix:///var/run/docker.sock`, `tcp://host:2376`; without credentials. */
  readonly address: string;
}

/** The identity and abilities of an engine. */
export interface EngineDescription extends EngineIdentity {
  readonly version: string;
  readonly apiVersion: string;
  /** The platform that it builds and runs by default. */
  readonly platform: Platform;
  readonly buildkit: boolean;
}

/** The inspection of an image. */
export interface ImageInspection extends PlatformParts {
  /** `sha256:` and 64 hex digits. The images of one index may share it: a container needs the platform as well. */
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Familiar references with tags. */
  readonly tags: readonly string[];
  /** Familiar references with digests. */
  readonly digests: readonly string[];
  readonly sizeBytes: number;
  /** When it was last tagged here (ISO 8601); null if it has no name, or the engine does not report it. */
  readonly taggedAt: string | null;
}

/** An image in a list. */
export interface ImageSummary {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly digests: readonly string[];
  readonly sizeBytes: number;
  /** Seconds since 1970. */
  readonly createdAt: number;
  /** The platforms that are present, if the engine stores an index as one image. */
  readonly platforms?: readonly Platform[] | undefined;
}

/** An image to fetch from a registry. */
export interface PullRequest {
  readonly reference: string;
  /** Undefined: the engine's own. */
  readonly platform: Platform | undefined;
  readonly report: StepReport;
}

/** The result of a pull. */
export interface PulledImage {
  /** The digest of the reference in the registry, which may be that of an index; undefined if not reported. */
  readonly digest: string | undefined;
  /** The digest of the platform's own manifest, if the engine stores the image under it. */
  readonly manifest?: string | undefined;
  /** The image's ID, if the engine reports it. */
  readonly imageId?: string | undefined;
}

/** An image to push to the registry in its name. */
export interface PushRequest {
  readonly reference: string;
  readonly report: StepReport;
}

/** Images to load from an archive written by `docker save`. */
export interface LoadRequest {
  /** A tar stream; destroyed when the load ends. */
  readonly archive: Readable;
  readonly report: StepReport;
}

/** A build context, file by file. */
export interface ContextFiles {
  /** The modification time of all entries. */
  readonly modifiedAt: Date;
  /** Lists everything, or the existing ones of these paths, even if they are ignored. */
  list(only?: readonly string[]): ContextListing;
}

/** A part of a build context. The caller must close it. */
export interface ContextListing {
  /** Yields entries in byte order of their names, a directory before its content. */
  entries(): AsyncIterable<ContextListingEntry>;
  /** Yields the content of a file of `entries`, one at a time. Rejects if the file has changed since it was listed. */
  content(path: string): AsyncIterable<Uint8Array>;
  /** @param isFetched whether everything that was needed has been read */
  close(isFetched: boolean): void;
}

/** An entry of a build context. Owned by root. */
export interface ContextListingEntry {
  readonly kind: "directory" | "file" | "link";
  /** Relative, with slashes. */
  readonly path: string;
  /** Permissions. */
  readonly mode: number;
  /** The size of a file in bytes, else 0. */
  readonly size: number;
  /** The target of a link, else empty. */
  readonly target: string;
}

/** An image to build, without a name. */
export interface BuildRequest {
  /** A tar stream; destroyed when the build ends early. */
  readonly context: Readable;
  /** The same files one by one, for a builder that requests files; the stream is then not read. */
  readonly files?: ContextFiles | undefined;
  /** Path of the Dockerfile inside the context. */
  readonly dockerfile: string;
  /** Its path inside `context`, if that differs from the one in `files`. Default: `dockerfile`. */
  readonly contextDockerfile?: string | undefined;
  /**
   * Paths of `context` that no step may copy, for Podman, which then ignores the context's ignore file. Docker has no
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
   * The registry hosts of the base images, for a builder that needs their credentials in advance.
   * BuildKit requests those that it needs. Default: none.
   */
  readonly baseRegistries?: readonly string[];
  /**
   * The base images that the Dockerfile names without a platform. If a builder does not report that one of them is for
   * another platform than the build's, the registry is queried. Default: none.
   */
  readonly plainBases?: readonly string[];
  /** Secrets by ID, for `RUN --mount=type=secret,id=…`. They are not kept in any image, history or cache. */
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
  /** Whether stdin stays open until the caller that attached with `stdin` ends it. Default: false, it is empty. */
  readonly stdin?: boolean | undefined;
  /** Whether to allocate a terminal. Default: false. */
  readonly terminal?: boolean | undefined;
}

/** The inspection of a container. */
export interface ContainerInspection {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  readonly imageId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly running: boolean;
  /** Meaningful once it has exited. */
  readonly exitCode: number;
  /** The engine's error message, else empty. */
  readonly error: string;
}

/** A container in a list. */
export interface ContainerSummary {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  readonly imageId: string;
}

/** The live output of a container. Both streams end when it exits. */
export interface ContainerOutput {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Its stdin, if attached; end it to signal the end of input. */
  readonly stdin?: Writable | undefined;
}
