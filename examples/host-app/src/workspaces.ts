import { randomUUID } from "node:crypto";
import {
  ImageSourceError,
  isImageSourceError,
  tokens,
  type ImageProvider,
  type ProgressEvent,
} from "@molecule/core";
import type { Provisioner } from "@molecule/provisioner";
import { inject, Lifecycle, scoped } from "tsyringe";
import type { Workspace, WorkspaceEvent } from "./workspace.js";

export const provisionerToken = Symbol("provisioner");

type Watcher = (event: WorkspaceEvent) => void;

interface Entry {
  workspace: Workspace;
  readonly leave: AbortController;
  readonly watchers: Set<Watcher>;
  /** Settles when it runs or has failed. */
  ready: Promise<void>;
}

/** The workspaces of this server. Each is an image that is made ready and a container that runs from it. */
// One for each container: `@singleton()` would be one for the whole process, whichever container it is resolved from.
@scoped(Lifecycle.ContainerScoped)
export class Workspaces {
  readonly #entries = new Map<string, Entry>();

  constructor(
    @inject(tokens.imageProvider) private readonly images: ImageProvider,
    @inject(provisionerToken) private readonly provisioner: Provisioner,
  ) {}

  /** Begins a workspace and answers at once; {@link watch} tells how it goes on. */
  start(runtime: string): Workspace {
    const id = randomUUID();
    const entry: Entry = {
      workspace: { id, runtime, state: "preparing", step: null, image: null, container: null, error: null },
      leave: new AbortController(),
      watchers: new Set(),
      ready: Promise.resolve(),
    };
    this.#entries.set(id, entry);
    entry.ready = this.#prepare(entry);
    return entry.workspace;
  }

  list(): readonly Workspace[] {
    return [...this.#entries.values()].map(({ workspace }) => workspace);
  }

  /** Tells the watcher how the workspace stands, and from then on what happens; undefined when there is none. */
  watch(id: string, watcher: Watcher): (() => void) | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    watcher({ type: "workspace", workspace: entry.workspace });
    entry.watchers.add(watcher);
    return () => entry.watchers.delete(watcher);
  }

  /** Ends a workspace, whatever it is at. False when there is none. */
  async remove(id: string): Promise<boolean> {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    // Others who wait for the same image keep it coming.
    entry.leave.abort();
    await entry.ready;
    const { container } = entry.workspace;
    if (container !== null) await this.provisioner.remove(container.id, { force: true });
    this.#entries.delete(id);
    this.#change(entry, { state: "stopped" });
    return true;
  }

  /** Ends them all. */
  async close(): Promise<void> {
    await Promise.all([...this.#entries.keys()].map((id) => this.remove(id)));
  }

  async #prepare(entry: Entry): Promise<void> {
    const { runtime } = entry.workspace;
    const { signal } = entry.leave;
    const onProgress = (progress: ProgressEvent): void => {
      if (progress.type === "started") this.#change(entry, { step: `${progress.step} ${progress.what}` });
      this.#tell(entry, { type: "progress", progress });
    };
    try {
      const { id, name, image, exited } = await this.provisioner.start({ runtime }, { signal, onProgress });
      const { reference, imageId, cached } = image;
      this.#change(entry, {
        state: "running",
        step: null,
        image: { reference, imageId, cached },
        container: { id, name },
      });
      exited.then(
        () => this.#change(entry, { state: "stopped" }),
        () => undefined,
      );
    } catch (error) {
      this.#change(entry, { state: "failed", error: asImageSourceError(error).toJSON() });
    }
  }

  #change(entry: Entry, change: Partial<Workspace>): void {
    entry.workspace = { ...entry.workspace, ...change };
    this.#tell(entry, { type: "workspace", workspace: entry.workspace });
  }

  #tell(entry: Entry, event: WorkspaceEvent): void {
    for (const watcher of entry.watchers) watcher(event);
  }
}

function asImageSourceError(error: unknown): ImageSourceError {
  if (isImageSourceError(error)) return error;
  return new ImageSourceError({
    code: "INTERNAL",
    message: String(error),
    hint: "Look into the server's log.",
    cause: error,
  });
}
