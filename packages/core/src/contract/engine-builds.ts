import type { Readable } from "node:stream";
import type { Platform } from "../values/platform.js";
import type { StepReport } from "./progress.js";

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
