import { isEngineBound, type Call, type ContainerEngine, type ImageSource } from "@molecule/core";
import type { FurtherEngines } from "../further-engines.js";

/**
 * The engine that has the images of a source; undefined when no engine's API has them. It is the configured one where the
 * source does not say, or is not there.
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
