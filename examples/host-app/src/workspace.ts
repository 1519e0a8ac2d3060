import type { ImageSourceError, ProgressEvent } from "@molecule/core";

/** A workspace as the application shows it. */
export interface Workspace {
  readonly id: string;
  readonly runtime: string;
  /** Distinguishes workspaces of one runtime for people: `hermes`, `hermes 2`. */
  readonly name: string;
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
    }
  | {
      readonly type: "output";
      /** ID of the workspace. */
      readonly id: string;
      /** The output of the container since the previous event. */
      readonly text: string;
    };

/** The ID of the workspace that an event is about. */
export const workspaceOf = (event: WorkspaceEvent): string =>
  event.type === "workspace" ? event.workspace.id : event.id;

export type ProgressOfWorkspace = Extract<WorkspaceEvent, { readonly type: "progress" }>;
