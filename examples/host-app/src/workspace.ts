import type { ImageSourceError, ProgressEvent } from "@molecule/core";

/** A workspace as the application shows it. */
export interface Workspace {
  readonly id: string;
  readonly runtime: string;
  readonly state: "preparing" | "running" | "exited" | "failed" | "removed";
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly image: { readonly reference: string; readonly imageId: string; readonly cached: boolean } | null;
  readonly container: { readonly id: string; readonly name: string } | null;
  /** The exit code of a container that exited on its own. */
  readonly exitCode: number | null;
  readonly error: ReturnType<ImageSourceError["toJSON"]> | null;
}

/** An event that watchers of workspaces receive. */
export type WorkspaceEvent =
  | { readonly type: "workspace"; readonly workspace: Workspace }
  | {
      readonly type: "progress";
      /** ID of the workspace. */
      readonly id: string;
      /** When it happened: milliseconds since 1970. */
      readonly at: number;
      readonly progress: ProgressEvent;
    };

export type ProgressOfWorkspace = Extract<WorkspaceEvent, { readonly type: "progress" }>;
