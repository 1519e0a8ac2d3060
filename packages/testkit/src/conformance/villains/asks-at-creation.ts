import { villain } from "./reference-plugin.js";

/** Asks the engine before anybody has asked for an image. */
export const asksAtCreation = villain((_honest, services) => {
  void services.engine.describe().catch(() => undefined);
  return {};
});
