import type { Readable } from "node:stream";
import type { Platform } from "../values/platform.js";
import type { StepReport } from "./progress.js";

/**
 * A build context: the files of a template that its ignore file does not exclude. A builder reads it entry by entry or
 * as an archive, and can read it again to repeat a build.
 */
export interface BuildContext {
  /** Path of the Dockerfile in the template. `entries` omits it if the ignore file lists it. */
  readonly dockerfile: string;
  /** The modification time of all entries that have none of their own. */
  readonly modifiedAt: Date;
  /**
   * Returns the key under which BuildKit keeps the files until the next build with this key. It then requests a file only
   * if the mode, size or time at its path differs, so `entries` must give a file with new content a time that was never
   * used under the key. Called first, and only for BuildKit. Without a key, it requests all files of every build.
   */
  transferKey?(): Promise<string | undefined>;
  readDockerfile(): Promise<Uint8Array>;
  /** Yields entries in byte order of their names, a directory before its content. */
  entries(): AsyncIterable<ContextEntry>;
  /** Yields the content of a file of `entries`. Rejects if the file has changed since it was listed. */
  open(file: ContextEntry): AsyncIterable<Uint8Array>;
  /** Called when BuildKit has received all the files that it needs, which may be none. */
  onReceived?(): void;
  /** Packs the context for a builder of that kind. Rejects if an archive for it cannot hold exactly this context. */
  archive(kind: "docker" | "podman"): Promise<ContextArchive>;
}

/** An entry of a build context. Owned by root. */
export interface ContextEntry {
  readonly kind: "directory" | "file" | "link";
  /** Relative, with slashes. */
  readonly path: string;
  /** Permissions. */
  readonly mode: number;
  /** The size of a file in bytes, else 0. */
  readonly size: number;
  /** The target of a link, else empty. */
  readonly target: string;
  /**
   * Identifies the content of a file: different for different contents, such as the ID of a git object. Default: unknown.
   */
  readonly contentId?: string;
  /** The modification time of a file or link. Default: that of the context. Archives use that of the context. */
  readonly modifiedAt?: EntryTime;
}

/** A modification time. Image layers keep only the seconds. */
export interface EntryTime {
  /** Since 1970. */
  readonly seconds: number;
  /** Fewer than 1,000,000,000. */
  readonly nanoseconds: number;
}

/** A build context in one stream. */
export interface ContextArchive {
  /** A tar stream. The caller must destroy it. */
  readonly stream: Readable;
  /** Path of the Dockerfile in the archive. */
  readonly dockerfile: string;
  /** Paths that no step may copy, for Podman, which then reads no ignore file. Docker has no such parameter. */
  readonly excludes: readonly string[];
}

/** An image to build, without a name. */
export interface BuildRequest {
  readonly context: BuildContext;
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
