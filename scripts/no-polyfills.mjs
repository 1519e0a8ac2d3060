// An esbuild plugin for bundles with node-fetch. fetch-blob has a fallback for Node without web streams. Every
// supported Node has them, and merely checking for them loads them. And it makes blobs from files, which nothing here
// does, but which loads node:fs/promises.
import { dirname } from "node:path";

const withoutFiles = `
export { default, default as Blob } from "./index.js";
export { default as File } from "./file.js";
export { blobFrom, blobFrom as blobFromSync, blobFrom as fileFrom, blobFrom as fileFromSync };
const blobFrom = () => { throw new Error("the bundle makes no blobs from files"); };
`;

export const noPolyfills = {
  name: "no-polyfills",
  setup(build) {
    build.onResolve({ filter: /^\.\/streams\.cjs$/ }, ({ importer }) =>
      dirname(importer).endsWith("fetch-blob") ? { path: "streams.cjs", namespace: "nothing" } : undefined,
    );
    build.onLoad({ filter: /./, namespace: "nothing" }, () => ({ contents: "" }));
    build.onLoad({ filter: /\/fetch-blob\/from\.js$/ }, () => ({ contents: withoutFiles }));
  },
};
