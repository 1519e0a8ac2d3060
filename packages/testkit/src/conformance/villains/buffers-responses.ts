import { buffer } from "node:stream/consumers";
import { villain } from "./reference-plugin.js";

/** Reads a response to the end, however long it is. */
export const buffersResponses = villain((honest, { fetch }, { address }) => ({
  async resolve(runtime, call) {
    try {
      const { body } = await fetch(`${address}/about`, { signal: call.signal });
      if (body !== null) call.log.debug("received a response", { bytes: (await buffer(body)).length });
    } catch {
      call.signal.throwIfAborted();
    }
    return honest.resolve(runtime, call);
  },
}));
