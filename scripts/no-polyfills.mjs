// An esbuild plugin for bundles with node-fetch. fetch-blob has a fallback for Node without web streams. Every
// supported Node has them, and merely checking for them loads them.
import { dirname } from "node:path";

export const noPolyfills = {
  name: "no-polyfills",
  setup(build) {
    build.onResolve({ filter: /^\.\/streams\.cjs$/ }, ({ importer }) =>
      dirname(importer).endsWith("fetch-blob") ? { path: "streams.cjs", namespace: "nothing" } : undefined,
    );
    build.onLoad({ filter: /./, namespace: "nothing" }, () => ({ contents: "" }));
  },
};
