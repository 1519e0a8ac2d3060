import type {
  ContainerEngine,
  ContainerFiles,
  ContainerLogRequest,
  ContainerOutput,
  ContainerSummary,
  EngineCall,
  EnsureOptions,
  ExecRequest,
  ExecResult,
} from "@molecule/core";
import { assertFiles } from "./assert-files.js";
import { assertCommand, assertContainer, assertOptions } from "./assert-options.js";
import { assertStartRequest } from "./assert-start-request.js";
import { containerConflict } from "./container-error.js";
import { containerLabels, managedBy } from "./container-labels.js";
import { makeWay } from "./make-way.js";
import { provisionerEngines, type ProvisionerParts } from "./provisioner-engines.js";
import { startContainer, type StartedContainer } from "./start-container.js";
import type { StartRequest } from "./start-request.js";

/**
 * A container that was started or listed, or the name or ID of one on the engine that holds the selected source's
 * images.
 */
export type ContainerRef =
  string | (Pick<StartedContainer, "id"> & Partial<Pick<StartedContainer, "engine">>);

/**
 * Runs workspace containers from ready images. Every method rejects with `USAGE` for an option that does not exist, and
 * for an argument or option of a wrong type.
 */
export interface Provisioner {
  /**
   * Ensures the runtime's image, or takes the given one, and starts a container from it, by image ID, on the engine
   * that holds it. Rejects with the codes of `ensure`, `USAGE`, `CONTAINER_CONFLICT` and `CONTAINER_FAILED`. Of two
   * starts under one name at the same time, one rejects with `CONTAINER_CONFLICT`.
   * @param options those of `ensure`; with an image, only `signal` and `onProgress`, else `USAGE`
   */
  start(request: StartRequest, options?: EnsureOptions): Promise<StartedContainer>;
  /** Stops the container, and kills it after the grace period. A stopped or absent one is not an error. */
  stop(
    container: ContainerRef,
    request?: { readonly graceSeconds?: number | undefined },
    call?: EngineCall,
  ): Promise<void>;
  /** Removes a stopped container, or with `force` a running one. An absent one is not an error. */
  remove(
    container: ContainerRef,
    request?: { readonly force?: boolean | undefined },
    call?: EngineCall,
  ): Promise<void>;
  /**
   * Returns the containers that were started here or by another provisioner on the same engine, in any state.
   * @param filter `labels`: those that a container must have, all of them
   */
  listContainers(
    filter?: { readonly labels?: Readonly<Record<string, string>> | readonly string[] | undefined },
    call?: EngineCall,
  ): Promise<readonly ContainerSummary[]>;
  /** Runs a program in a running container, and returns its exit code and output. See `execInContainer`. */
  exec(
    container: ContainerRef,
    command: readonly string[],
    options?: Omit<ExecRequest, "command"> & EngineCall,
  ): Promise<ExecResult>;
  /** Returns the log as two streams; read both, because a full one blocks the other. With `follow`, until the exit. */
  logs(
    container: ContainerRef,
    options?: ContainerLogRequest & EngineCall,
  ): Promise<Omit<ContainerOutput, "stdin">>;
  /**
   * Writes files into a container, whether it runs or not; creates missing directories. To have them there before the
   * first start, use `files` of {@link start}.
   */
  copyInto(container: ContainerRef, files: ContainerFiles, call?: EngineCall): Promise<void>;
  /** Waits for the starts in progress, for `await using`. Containers go on, and the image provider stays open. */
  [Symbol.asyncDispose](): Promise<void>;
}

const defaultGraceSeconds = 10;

/** Creates a provisioner. Contacts nothing. Throws a `TypeError` if there is no image provider or no engine. */
export function createProvisioner(parts: ProvisionerParts): Provisioner {
  const engines = provisionerEngines(parts);
  const { images } = parts;
  /** The engines and names of the starts in progress. */
  const starting = new Set<string>();
  const inProgress = new Set<Promise<unknown>>();

  async function startUnderName(
    name: string,
    address: string | undefined,
    start: () => Promise<StartedContainer>,
  ): Promise<StartedContainer> {
    const claim = `${String(address)} ${name}`;
    if (starting.has(claim)) throw containerConflict(name, "another start under that name is in progress");
    starting.add(claim);
    try {
      return await start();
    } finally {
      starting.delete(claim);
    }
  }

  async function start(request: StartRequest, options: EnsureOptions): Promise<StartedContainer> {
    assertStartRequest(request, options);
    if (request.image === undefined) images.assertRunnable?.(request.runtime);
    const image = request.image ?? (await images.ensure(request.runtime, options));
    const call = { signal: options.signal };
    const engine = await engines.holding(image, call);
    const { name, replace = false } = request;
    if (name === undefined) return startContainer(engine, image, request, call);
    return startUnderName(name, image.engine?.address, async () => {
      await makeWay(engine, name, replace, call);
      return startContainer(engine, image, request, call);
    });
  }

  async function find(
    container: ContainerRef,
    call: EngineCall,
  ): Promise<{ readonly engine: ContainerEngine; readonly id: string }> {
    assertContainer(container);
    if (typeof container === "string") return { engine: await engines.current(call), id: container };
    return { engine: container.engine ?? (await engines.current(call)), id: container.id };
  }

  return {
    start(request, options = {}) {
      const started = start(request, options);
      const settled = started.then(
        () => undefined,
        () => undefined,
      );
      inProgress.add(settled);
      void settled.then(() => inProgress.delete(settled));
      return started;
    },
    async stop(container, request = {}, call = {}) {
      assertOptions(request, { graceSeconds: "number" });
      assertCall(call);
      const { graceSeconds = defaultGraceSeconds } = request;
      const { engine, id } = await find(container, call);
      await engine.stopContainer(id, { graceSeconds }, call);
    },
    async remove(container, request = {}, call = {}) {
      assertOptions(request, { force: "boolean" });
      assertCall(call);
      const { force = false } = request;
      const { engine, id } = await find(container, call);
      await engine.removeContainer(id, { force }, call);
    },
    async listContainers(filter = {}, call = {}) {
      assertOptions(filter, { labels: "object" });
      assertCall(call);
      const { labels = [] } = filter;
      const wanted = isList(labels)
        ? labels
        : Object.entries(labels).map(([key, value]) => `${key}=${value}`);
      const engine = await engines.current(call);
      return engine.listContainers(
        { labels: [`${containerLabels.managedBy}=${managedBy}`, ...wanted] },
        call,
      );
    },
    async exec(container, command, options = {}) {
      assertCommand(command);
      assertOptions(options, { env: "object", user: "string", workingDirectory: "string", signal: "signal" });
      const { signal, ...request } = options;
      const { engine, id } = await find(container, { signal });
      return engine.execInContainer(id, { command, ...request }, { signal });
    },
    async logs(container, options = {}) {
      assertOptions(options, {
        follow: "boolean",
        tail: "number",
        since: "date",
        timestamps: "boolean",
        signal: "signal",
      });
      const { signal, ...request } = options;
      const { engine, id } = await find(container, { signal });
      return engine.openContainerLogs(id, request, { signal });
    },
    async copyInto(container, files, call = {}) {
      assertFiles(files);
      assertCall(call);
      const { engine, id } = await find(container, call);
      await engine.copyIntoContainer(id, files, call);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(inProgress);
    },
  };
}

function assertCall(call: EngineCall): void {
  assertOptions(call, { signal: "signal" });
}

function isList(labels: Readonly<Record<string, string>> | readonly string[]): labels is readonly string[] {
  return Array.isArray(labels);
}
