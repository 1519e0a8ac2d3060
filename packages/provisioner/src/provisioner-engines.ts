import type { ContainerEngine, EngineCall, EnsuredImage, ImageProvider } from "@molecule/core";
import { containerFailed } from "./container-error.js";

/** The part of an image provider that a provisioner uses. The host's provider has all of it. */
export interface ProvisionerImages extends Pick<ImageProvider, "ensure"> {
  /** The configured engine. */
  readonly engine?: ContainerEngine | undefined;
  /** Returns the engine that holds an image. Throws if none does. Default: the configured engine. */
  engineOf?(image: EnsuredImage): ContainerEngine;
  /** Throws if no engine will have the runtime's image. Contacts nothing. Default: the start fails after the build. */
  assertRunnable?(runtime: string): void;
  /** Returns the engine that holds the selected source's images; undefined if none does. Default: the configured one. */
  imageEngine?(call?: EngineCall): Promise<ContainerEngine | undefined>;
}

/** The parts of a provisioner. Pass the host's provider as `images`; nothing else is required. */
export interface ProvisionerParts {
  readonly images: ProvisionerImages;
  /** The configured engine. Default: that of `images`. */
  readonly engine?: ContainerEngine | undefined;
  /** Returns the engine that holds an image. Throws if none does. Default: that of `images`, else `engine`. */
  readonly engineOf?: ((image: EnsuredImage) => ContainerEngine) | undefined;
}

export interface ProvisionerEngines {
  /** Returns the engine that holds the image. Rejects with `CONTAINER_FAILED` if no known engine does. */
  holding(image: EnsuredImage, call: EngineCall): Promise<ContainerEngine>;
  /** Returns the engine on which containers are found by name. */
  current(call?: EngineCall): Promise<ContainerEngine>;
}

/** Throws a `TypeError` if there is no image provider or no engine. Contacts nothing. */
export function provisionerEngines(parts: ProvisionerParts): ProvisionerEngines {
  assertImages(parts);
  const { images, engine, engineOf } = parts;
  const configured = engine ?? images.engine;
  if (configured === undefined) {
    throw new TypeError("createProvisioner: pass the host's image provider as `images`, or an `engine`");
  }
  const current = async (call: EngineCall = {}): Promise<ContainerEngine> =>
    engine ?? (await images.imageEngine?.(call)) ?? configured;
  const of = (image: EnsuredImage): ContainerEngine =>
    engineOf?.(image) ?? (engine === undefined ? images.engineOf?.(image) : undefined) ?? configured;

  return {
    current,
    async holding(image, call) {
      // The host knows the engine of a source once it has been used, and an image may have been ensured by an earlier
      // process.
      if (image.engine !== null) await current(call);
      const engine = of(image);
      const { address } = await engine.identify(call);
      if (image.engine?.address === address) return engine;
      // An image ID is valid only on the engine that holds the image.
      throw containerFailed(
        `${image.reference} is held by ${image.engine?.address ?? "no engine"}, but containers are started at ${address}`,
      );
    },
  };
}

/** A caller in JavaScript may omit what the types require. */
function assertImages(parts: Partial<ProvisionerParts> | undefined): void {
  if (parts?.images !== undefined) return;
  throw new TypeError("createProvisioner: pass the host's image provider as `images`");
}
