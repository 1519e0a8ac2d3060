import { villain } from "./reference-plugin.js";

/** Contacts the engine when it is created, before anyone requests an image. */
export const callsEngineAtCreation = villain((_honest, services) => {
  void services.engine.describe().catch(() => undefined);
  return {};
});
