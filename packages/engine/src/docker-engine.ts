import {
  assertOptions,
  noCredentials,
  type ContainerEngine,
  type EngineCall,
  type Fetch,
  type RegistryCredentials,
} from "@molecule/core";
import { askRegistry } from "./images/ask-registry.js";
import { attachContainer } from "./containers/attach-container.js";
import { buildImage } from "./builds/build-image.js";
import type { Builder } from "./builds/builder.js";
import {
  inspectContainer,
  listContainers,
  removeContainer,
  resizeContainer,
  signalContainer,
  startContainer,
  stopContainer,
} from "./containers/container-calls.js";
import { containerLogs, openContainerLogs } from "./containers/container-logs.js";
import { copyIntoContainer } from "./containers/copy-into-container.js";
import { createContainer } from "./containers/create-container.js";
import { describeEngine, identifyEngine, storageDirectory } from "./connection/describe-engine.js";
import { execInContainer } from "./containers/exec-in-container.js";
import { connectEngine, type EngineConnection } from "./connection/engine-connection.js";
import type { EngineEndpoint } from "./connection/engine-endpoint.js";
import { inspectImage, listImages, removeImage, tagImage } from "./images/image-calls.js";
import { loadImage } from "./images/load-image.js";
import { pullImage } from "./images/pull-image.js";
import { pushImage } from "./images/push-image.js";
import { logOnce, type EngineLog } from "./connection/log-once.js";
import { createContainerWaits, type ContainerWaits } from "./containers/wait-container.js";

/** Options of the connection to the engine. */
export interface DockerEngineOptions {
  /** The builder to use, whatever the engine offers. Default: BuildKit if available. */
  readonly builder?: Builder;
  /** Idle timeout of a short request, such as an inspection. Default: 30 s. */
  readonly silenceMs?: number;
  /** Receives messages for the machine's owner about this engine, each once: constant texts, with fields. */
  readonly log?: EngineLog;
  /** Credentials for registries: each request gets only those of the image's registry. Default: none. */
  readonly credentials?: RegistryCredentials;
  /**
   * Queries a registry for the manifest of an index's platform if the engine cannot provide that image by the index's
   * digest. Default: no registry is queried.
   */
  readonly fetch?: Fetch;
}

/** An engine whose connection `await using` closes. */
export type ClosableEngine = ContainerEngine & {
  /** Same as `close`. */
  [Symbol.asyncDispose](): Promise<void>;
};

interface Connected {
  readonly connection: EngineConnection;
  readonly waits: ContainerWaits;
}

/**
 * Creates a client of a container engine over the Docker Engine API, including Podman's service. Reads and contacts
 * nothing before the first method call.
 * @param endpoint where the engine listens, or a function that finds it; called once, and again only after a failure
 */
export function createDockerEngine(
  endpoint: EngineEndpoint | (() => Promise<EngineEndpoint>),
  { builder, silenceMs, log, credentials = noCredentials, fetch }: DockerEngineOptions = {},
): ClosableEngine {
  const once = log === undefined ? undefined : logOnce(log);
  let pending: Promise<Connected> | undefined;
  const connect = async (): Promise<Connected> => {
    const found = typeof endpoint === "function" ? await endpoint() : endpoint;
    const connection = await connectEngine(found, { silenceMs, log: once });
    return { connection, waits: createContainerWaits(connection) };
  };
  const connected = async ({ signal }: EngineCall): Promise<Connected> => {
    assertOptions({ signal }, { signal: "signal" });
    pending ??= connect();
    try {
      return await pending;
    } catch (error) {
      pending = undefined;
      throw error;
    }
  };
  const to = async (call: EngineCall): Promise<EngineConnection> => (await connected(call)).connection;

  const close = async (): Promise<void> => {
    if (pending !== undefined) (await pending).connection.close();
  };
  return {
    identify: async (call = {}) => identifyEngine(await to(call), call),
    describe: async (call = {}) => describeEngine(await to(call), call),
    storageDirectory: async (call = {}) => storageDirectory(await to(call), call),
    askRegistry: async (reference, call = {}) =>
      askRegistry(await to(call), reference, call, { credentials, fetch }),
    inspectImage: async (nameOrId, call = {}) => inspectImage(await to(call), nameOrId, call),
    listImages: async (filter, call = {}) => listImages(await to(call), filter, call),
    tagImage: async (imageId, reference, call = {}) => tagImage(await to(call), imageId, reference, call),
    removeImage: async (nameOrId, call = {}) => removeImage(await to(call), nameOrId, call),
    loadImage: async (request, call = {}) => loadImage(await to(call), request, call),
    pullImage: async (request, call = {}) => pullImage(await to(call), request, call, { credentials, fetch }),
    pushImage: async (request, call = {}) => pushImage(await to(call), request, call, credentials),
    buildImage: async (request, call = {}) =>
      buildImage(await to(call), request, call, { builder, credentials }),
    createContainer: async (spec, call = {}) => createContainer(await to(call), spec, call),
    startContainer: async (id, call = {}) => {
      const { connection, waits } = await connected(call);
      await waits.begun(id);
      await startContainer(connection, id, call);
    },
    attachContainer: async (id, call = {}) => attachContainer(await to(call), id, call),
    resizeContainer: async (id, size, call = {}) => resizeContainer(await to(call), id, size, call),
    waitContainer: async (id, call = {}) => (await connected(call)).waits.wait(id, call),
    containerLogs: async (id, request, call = {}) => containerLogs(await to(call), id, request, call),
    openContainerLogs: async (id, request, call = {}) => openContainerLogs(await to(call), id, request, call),
    execInContainer: async (id, request, call = {}) => execInContainer(await to(call), id, request, call),
    copyIntoContainer: async (id, files, call = {}) => copyIntoContainer(await to(call), id, files, call),
    inspectContainer: async (nameOrId, call = {}) => inspectContainer(await to(call), nameOrId, call),
    listContainers: async (filter, call = {}) => listContainers(await to(call), filter, call),
    signalContainer: async (id, signal, call = {}) => signalContainer(await to(call), id, signal, call),
    stopContainer: async (id, request, call = {}) => stopContainer(await to(call), id, request, call),
    removeContainer: async (id, request, call = {}) => removeContainer(await to(call), id, request, call),
    close,
    [Symbol.asyncDispose]: close,
  };
}
