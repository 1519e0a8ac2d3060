import { villain } from "./reference-plugin.js";

/** Starts a timer at creation. The timer does not keep the process alive. */
export const startsTimerAtCreation = villain(() => {
  setInterval(() => undefined, 60_000).unref();
  return {};
});
