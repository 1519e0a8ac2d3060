import { isEngineBound, type Call, type ContainerEngine, type ImageSource } from "@molecule/core";
import type { FurtherEngines } from "../services/further-engines.js";

/**
 * Returns the engine that stores a source's images; undefined if no engine does. Defaults to the configured engine if
 * the source is undefined or does not name one.
 */
export async function sourceEngine(
  source: ImageSource | undefined,
  { engine, further }: { readonly engine: ContainerEngine; readonly further: FurtherEngines },
  call: Call,
): Promise<ContainerEngine | undefined> {
  if (source === undefined || !isEngineBound(source)) return engine;
  const identity = await source.engine(call);
  return identity === null ? undefined : (further.at(identity.address) ?? engine);
}
