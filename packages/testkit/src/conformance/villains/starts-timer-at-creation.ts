import { villain } from "./reference-plugin.js";

/** Starts a timer when it is created, which keeps no process alive. */
export const startsTimerAtCreation = villain(() => {
  setInterval(() => undefined, 60_000).unref();
  return {};
});
