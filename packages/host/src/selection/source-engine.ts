import {
  isEngineBound,
  settleError,
  type Call,
  type ContainerEngine,
  type ImageSource,
  type Mask,
} from "@molecule/core";
import type { FurtherEngines } from "../services/further-engines.js";

interface EngineParts {
  readonly engine: ContainerEngine;
  readonly further: FurtherEngines;
  readonly mask: Mask;
}

/**
 * Returns the engine that stores a source's images; undefined if no engine does. Defaults to the configured engine if
 * the source is undefined or does not name one. Rejects with the source's error, masked and with the source's name.
 */
export async function sourceEngine(
  source: ImageSource | undefined,
  { engine, further, mask }: EngineParts,
  call: Call,
): Promise<ContainerEngine | undefined> {
  if (source === undefined || !isEngineBound(source)) return engine;
  try {
    const identity = await source.engine(call);
    return identity === null ? undefined : (further.at(identity.address) ?? engine);
  } catch (error) {
    throw settleError(error, source.name, mask, call.signal);
  }
}
