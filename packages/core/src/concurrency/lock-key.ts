import { isEngineBound } from "../contract/capabilities.js";
import type { Call, ImageSource } from "../contract/image-source.js";

/** Returns the function that maps references to lock keys: a reference names one image per engine. */
export async function lockKeys(source: ImageSource, call: Call): Promise<(reference: string) => string> {
  const engine = isEngineBound(source) ? await source.engine(call) : null;
  return (reference) => `${engine?.address ?? source.name} ${reference}`;
}
