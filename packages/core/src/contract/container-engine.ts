import type {
  AttachCall,
  TerminalSize,
  ContainerSpec,
  ContainerInspection,
  ContainerSummary,
  ContainerOutput,
  ContainerFilter,
  ContainerFiles,
  ContainerLogRequest,
  ExecRequest,
  ExecResult,
} from "./engine-containers.js";
import type { BuildRequest } from "./engine-builds.js";
import type {
  InspectCall,
  ImageInspection,
  ImageSummary,
  PullRequest,
  PulledImage,
  PushRequest,
  LoadRequest,
} from "./engine-images.js";
import type { EngineCall } from "./engine-call.js";
import type { Platform } from "../values/platform.js";

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
   * Podman cannot query a registry, so this process does. Returns undefined if neither can. Rejects as a pull does.
   */
  askRegistry(reference: string, options?: EngineCall): Promise<RegistryReply | undefined>;

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
  /** Opens the log. Both streams end with it; with `follow`, when the container exits or the signal aborts. */
  openContainerLogs(
    id: string,
    request: ContainerLogRequest,
    options?: EngineCall,
  ): Promise<Omit<ContainerOutput, "stdin">>;
  /**
   * Runs a program in a running container and returns what it printed, at most 16 MiB. Rejects with `CONTAINER_FAILED`
   * if it cannot run or prints more. If the signal aborts, the program keeps running: engines cannot end it.
   */
  execInContainer(id: string, request: ExecRequest, options?: EngineCall): Promise<ExecResult>;
  /**
   * Writes files into a container, whether it runs or not; creates missing directories. Rejects with
   * `CONTAINER_FAILED` if a file is below a read-only root and in no volume.
   */
  copyIntoContainer(id: string, files: ContainerFiles, options?: EngineCall): Promise<void>;
  /** Returns a container by name or ID; undefined if it does not exist. */
  inspectContainer(nameOrId: string, options?: EngineCall): Promise<ContainerInspection | undefined>;
  /** Returns the containers that match, including those that have exited or were never started. */
  listContainers(filter: ContainerFilter, options?: EngineCall): Promise<readonly ContainerSummary[]>;
  /** Sends a signal (`SIGINT`). An exited container is not an error. */
  signalContainer(id: string, signal: string, options?: EngineCall): Promise<void>;
  /** Stops a container, and kills it after the grace period. A stopped or absent one is not an error. */
  stopContainer(id: string, request: { readonly graceSeconds: number }, options?: EngineCall): Promise<void>;
  /**
   * Removes a container and its anonymous volumes; a running one only with `force`. An absent one is not an error.
   * Waits for a removal in progress.
   */
  removeContainer(id: string, request: { readonly force: boolean }, options?: EngineCall): Promise<void>;

  /** Ends waits, logs and attached streams with `CANCELLED`, and closes idle connections. Containers go on. */
  close(): Promise<void>;
}

/** An image in a registry. */
export interface RegistryReply {
  readonly digest: string;
  /** Whether the registry is on another machine and the engine does not require verified TLS. Default: false. */
  readonly isInsecure?: boolean;
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
  /** Whether the connection to it crosses a network without verified TLS. Default: false. */
  readonly isExposed?: boolean;
}
