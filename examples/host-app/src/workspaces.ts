import { randomUUID } from "node:crypto";
import type { Readable } from "node:stream";
import { ImageSourceError, isImageSourceError, type ProgressEvent } from "@molecule/core";
import type { Provisioner, StartedContainer } from "@molecule/provisioner";
import { inject, Lifecycle, scoped } from "tsyringe";
import { History } from "./history.js";
import type { Workspace, WorkspaceEvent } from "./workspace.js";

export const provisionerToken = Symbol("provisioner");

type Watcher = (event: WorkspaceEvent) => void;

interface Entry {
  workspace: Workspace;
  history: History;
  readonly leave: AbortController;
  started: StartedContainer | undefined;
  /** Resolves when the workspace is running or has failed. */
  ready: Promise<void>;
  ending: Promise<void> | undefined;
}

/** The workspaces of this server. Each has an image, and a container that runs from it. */
// One instance per container: with `@singleton()`, the whole process would share one.
@scoped(Lifecycle.ContainerScoped)
export class Workspaces {
  readonly #entries = new Map<string, Entry>();
  readonly #watchers = new Set<Watcher>();

  constructor(@inject(provisionerToken) private readonly provisioner: Provisioner) {}

  /** Starts a workspace and returns immediately; {@link watch} reports its progress. */
  start(runtime: string): Workspace {
    const workspace: Workspace = {
      id: randomUUID(),
      runtime,
      name: this.#nameFor(runtime),
      state: "preparing",
      since: Date.now(),
      image: null,
      container: null,
      exitCode: null,
      error: null,
    };
    const entry: Entry = {
      workspace,
      history: new History(),
      leave: new AbortController(),
      started: undefined,
      ready: Promise.resolve(),
      ending: undefined,
    };
    this.#entries.set(workspace.id, entry);
    this.#change(entry, {});
    entry.ready = this.#prepare(entry);
    return workspace;
  }

  /** Prepares a failed workspace again. Returns undefined for one that does not exist, or has not failed. */
  retry(id: string): Workspace | undefined {
    const entry = this.#entries.get(id);
    if (entry?.workspace.state !== "failed" || entry.ending !== undefined) return undefined;
    entry.history = new History();
    this.#change(entry, { state: "preparing", since: Date.now(), error: null });
    entry.ready = this.#prepare(entry);
    return entry.workspace;
  }

  list(): readonly Workspace[] {
    return [...this.#entries.values()].map(({ workspace }) => workspace);
  }

  find(id: string): Workspace | undefined {
    return this.#entries.get(id)?.workspace;
  }

  /** Reports the current state with its history, then every change; returns a function that stops watching. */
  watch(watcher: Watcher): () => void {
    for (const { workspace, history } of this.#entries.values()) {
      watcher({ type: "workspace", workspace });
      history.events().forEach(watcher);
      if (history.output !== "") watcher({ type: "output", id: workspace.id, text: history.output });
    }
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Ends a workspace in any state; may be called again, also after a failure. Returns false if it does not exist. */
  async remove(id: string): Promise<boolean> {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    entry.ending ??= this.#end(entry).finally(() => {
      entry.ending = undefined;
    });
    await entry.ending;
    return true;
  }

  /** Ends all workspaces. Ignores failures. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#entries.keys()].map((id) => this.remove(id)));
  }

  async #end(entry: Entry): Promise<void> {
    // The work continues if other callers wait for the same image.
    entry.leave.abort();
    await entry.ready;
    if (entry.started !== undefined) await this.provisioner.remove(entry.started, { force: true });
    this.#entries.delete(entry.workspace.id);
    this.#change(entry, { state: "removed" });
  }

  async #prepare(entry: Entry): Promise<void> {
    const { runtime } = entry.workspace;
    const { signal } = entry.leave;
    const onProgress = (progress: ProgressEvent): void => {
      const event = { type: "progress", id: entry.workspace.id, at: Date.now(), progress } as const;
      entry.history.add(event);
      this.#tell(event);
    };
    try {
      const started = await this.provisioner.start({ runtime, attach: true }, { signal, onProgress });
      const { id, name, exited, output } = started;
      const { reference, imageId, cached } = started.image;
      entry.started = started;
      const image = { reference, imageId, cached };
      this.#change(entry, { state: "running", since: Date.now(), image, container: { id, name } });
      for (const stream of [output?.stdout, output?.stderr])
        if (stream !== undefined) this.#show(entry, stream);
      exited.then(
        ({ exitCode }) => this.#change(entry, { state: "exited", since: Date.now(), exitCode }),
        // The container was removed, or the engine is gone.
        () => undefined,
      );
    } catch (error) {
      // The caller that removed the workspace already knows.
      if (signal.aborted) return;
      this.#change(entry, { state: "failed", since: Date.now(), error: asImageSourceError(error).toJSON() });
    }
  }

  /** Reports the container's output as it arrives. */
  #show(entry: Entry, stream: Readable): void {
    const { id } = entry.workspace;
    stream.setEncoding("utf8").on("data", (text: string) => {
      entry.history.print(text);
      this.#tell({ type: "output", id, text });
    });
    // The exit reports how the container ended.
    stream.on("error", () => undefined);
  }

  /** Returns the first free name. */
  #nameFor(runtime: string): string {
    const taken = new Set(this.list().map(({ name }) => name));
    for (let number = 1; ; number++) {
      const name = number === 1 ? runtime : `${runtime} ${String(number)}`;
      if (!taken.has(name)) return name;
    }
  }

  #change(entry: Entry, change: Partial<Workspace>): void {
    if (entry.workspace.state === "removed") return;
    entry.workspace = { ...entry.workspace, ...change };
    this.#tell({ type: "workspace", workspace: entry.workspace });
  }

  #tell(event: WorkspaceEvent): void {
    for (const watcher of this.#watchers) watcher(event);
  }
}

function asImageSourceError(error: unknown): ImageSourceError {
  if (isImageSourceError(error)) return error;
  const hint = "Check the server's log.";
  return new ImageSourceError({ code: "INTERNAL", message: String(error), hint, cause: error });
}
