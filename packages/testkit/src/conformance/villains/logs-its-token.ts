import { villain } from "./reference-plugin.js";

/** Logs the token that it sends. */
export const logsItsToken = villain((honest, { env }) => ({
  resolve(runtime, call) {
    call.log.debug("asking", { authorization: env.REFERENCE_TOKEN });
    return honest.resolve(runtime, call);
  },
}));
