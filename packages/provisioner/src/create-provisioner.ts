import type { CallerOptions, ContainerEngine, EnsuredImage, ImageProvider } from "@molecule/core";
import { containerFailed } from "./container-error.js";
import { containerLabels, managedBy } from "./container-labels.js";
import { makeWay } from "./make-way.js";
import { startContainer, type StartedContainer } from "./start-container.js";
import { assertStartRequest, type StartRequest } from "./start-request.js";

/** Runs workspace containers from ready images. */
export interface Provisioner {
  /**
   * Ensures the runtime's image and starts a container from it, by image ID, on the engine that holds it.
   * Rejects with the codes of `ensure`, `USAGE`, `CONTAINER_CONFLICT` and `CONTAINER_FAILED`.
   */
  start(request: StartRequest, caller?: CallerOptions): Promise<StartedContainer>;
  /**
   * Stops the container, and kills it after the grace period. A stopped or absent one is not an error.
   * @param container one that was started, or the name or ID of one on the configured engine
   */
  stop(container: StartedContainer | string, request?: { readonly graceSeconds?: number }): Promise<void>;
  /**
   * Removes a stopped container, or with `force` a running one. An absent one is not an error. Takes the same
   * `container` as {@link stop}.
   */
  remove(container: StartedContainer | string, request?: { readonly force?: boolean }): Promise<void>;
}

const defaultGraceSeconds = 10;

/** The parts of a provisioner. */
export interface ProvisionerParts {
  readonly images: Pick<ImageProvider, "ensure">;
  /** The configured engine. */
  readonly engine: ContainerEngine;
  /**
   * Returns the engine that holds an image, as the host's provider does. Throws if none does. Default: `engine`.
   */
  readonly engineOf?: (image: EnsuredImage) => ContainerEngine;
}

/** Creates a provisioner from an image provider and its engines. Contacts nothing. */
export function createProvisioner({
  images,
  engine: configured,
  engineOf = () => configured,
}: ProvisionerParts): Provisioner {
  /** An image ID is valid only on the engine that holds the image. */
  async function assertHolds(engine: ContainerEngine, image: EnsuredImage): Promise<void> {
    const { address } = await engine.identify();
    if (image.engine?.address === address) return;
    throw containerFailed(
      `${image.reference} is held by ${image.engine?.address ?? "no engine"}, but containers are started at ${address}`,
    );
  }

  return {
    async start(request, caller = {}) {
      assertStartRequest(request);
      const { runtime, name, replace = false, attach = false, autoRemove = false } = request;
      const image = await images.ensure(runtime, caller);
      const engine = engineOf(image);
      await assertHolds(engine, image);
      const call = { signal: caller.signal };
      if (name !== undefined) await makeWay(engine, name, replace, call);
      const spec = {
        name,
        imageId: image.imageId,
        platform: image.platform,
        env: request.env ?? {},
        args: request.args,
        labels: {
          ...request.labels,
          [containerLabels.managedBy]: managedBy,
          [containerLabels.runtime]: runtime,
        },
        autoRemove,
        stdin: request.stdin,
        terminal: request.terminal,
      };
      return startContainer(engine, image, spec, attach, call);
    },
    stop: (container, { graceSeconds = defaultGraceSeconds } = {}) =>
      typeof container === "string"
        ? configured.stopContainer(container, { graceSeconds })
        : container.engine.stopContainer(container.id, { graceSeconds }),
    remove: (container, { force = false } = {}) =>
      typeof container === "string"
        ? configured.removeContainer(container, { force })
        : container.engine.removeContainer(container.id, { force }),
  };
}
