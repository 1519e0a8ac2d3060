import { villain } from "./reference-plugin.js";

/** Stores its credentials in a file, as some programs require. */
export const writesItsToken = villain((honest, { store, env }) => ({
  async provide(resolution, found, call) {
    await store.records(".logins").write("server", `password ${env.REFERENCE_TOKEN ?? ""}`);
    return honest.provide(resolution, found, call);
  },
}));
