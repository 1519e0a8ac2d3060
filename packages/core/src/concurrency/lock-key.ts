import { isEngineBound } from "../contract/capabilities.js";
import type { Call, ImageSource } from "../contract/image-source.js";

/** Under which key the images of a source are made: a name means one image in each engine. */
export async function lockKeys(source: ImageSource, call: Call): Promise<(reference: string) => string> {
  const engine = isEngineBound(source) ? await source.engine(call) : null;
  return (reference) => `${engine?.address ?? source.name} ${reference}`;
}
