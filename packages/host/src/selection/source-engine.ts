import {
  assertOptions,
  isEngineBound,
  settleError,
  silentProgress,
  type ContainerEngine,
  type EngineCall,
  type ImageSource,
  type Log,
  type Mask,
} from "@molecule/core";
import type { FurtherEngines } from "../services/further-engines.js";

interface EngineParts {
  readonly engine: ContainerEngine;
  readonly further: FurtherEngines;
  readonly mask: Mask;
  readonly log: Log;
}

/**
 * Returns the engine that stores a source's images; undefined if no engine does. Defaults to the configured engine if
 * the source is undefined or does not name one. Rejects with the source's error, masked and with the source's name, and
 * with `CONFIG_INVALID` for invalid options.
 */
export async function sourceEngine(
  source: ImageSource | undefined,
  { engine, further, mask, log }: EngineParts,
  caller: EngineCall = {},
): Promise<ContainerEngine | undefined> {
  assertOptions(caller, { signal: "signal" });
  if (source === undefined || !isEngineBound(source)) return engine;
  const { signal = new AbortController().signal } = caller;
  const call = { signal, log, progress: silentProgress, fresh: false };
  try {
    const identity = await source.engine(call);
    return identity === null ? undefined : (further.at(identity.address) ?? engine);
  } catch (error) {
    throw settleError(error, source.name, mask, call.signal);
  }
}
