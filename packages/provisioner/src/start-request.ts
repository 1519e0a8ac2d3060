import type { ContainerCreateOptions, ContainerFiles, EnsuredImage } from "@molecule/core";

/** Settings of a container to start. */
export interface ContainerRequest {
  /** Undefined lets the engine generate one. */
  readonly name?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Arguments for the image's entry point; undefined keeps the image's own. */
  readonly args?: readonly string[] | undefined;
  /** Further labels. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** The engine removes the container when it exits. */
  readonly autoRemove?: boolean | undefined;
  /** First removes any container of that name, even a running one or one of another tool. */
  readonly replace?: boolean | undefined;
  /** Attaches to the container's output from its first byte. */
  readonly attach?: boolean | undefined;
  /** Whether stdin is open; if attached, write to `output.stdin`. Default: false, stdin is empty. */
  readonly stdin?: boolean | undefined;
  /** Whether to allocate a terminal; all output is then on stdout. Default: false. */
  readonly terminal?: boolean | undefined;
  /** Files to write into the container before it starts. */
  readonly files?: ContainerFiles | undefined;
  /**
   * Everything else that the engine's container-create call accepts, such as volumes, ports, networks and limits. The
   * members above win over the same setting here; environment and labels are merged. `Image`, `name`, `platform` and
   * the label `molecule.container.managed-by` are `USAGE`.
   */
  readonly create?: ContainerCreateOptions | undefined;
}

/** A container to start, from the image of a runtime or from an image that is ready. */
export type StartRequest = ContainerRequest &
  (
    | { readonly runtime: string; readonly image?: undefined }
    | {
        /** A result of `ensure`. Nothing is looked up, built or pulled. */
        readonly image: EnsuredImage;
        /** Labels the container only. */
        readonly runtime?: string | undefined;
      }
  );
