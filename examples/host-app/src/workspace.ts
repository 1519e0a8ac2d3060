import type { ImageSourceError, ProgressEvent } from "@molecule/core";

/** A workspace as the application shows it. */
export interface Workspace {
  readonly id: string;
  readonly runtime: string;
  readonly state: "preparing" | "running" | "failed" | "stopped";
  /** What is under way, or was last heard of; null before the first step. */
  readonly step: string | null;
  readonly image: { readonly reference: string; readonly imageId: string; readonly cached: boolean } | null;
  readonly container: { readonly id: string; readonly name: string } | null;
  readonly error: ReturnType<ImageSourceError["toJSON"]> | null;
}

/** What somebody who watches a workspace hears. */
export type WorkspaceEvent =
  | { readonly type: "workspace"; readonly workspace: Workspace }
  | { readonly type: "progress"; readonly progress: ProgressEvent };
