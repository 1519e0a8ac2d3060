// `npm run test:quick`: what runs inside the test process, or nearly so. No engine, no clone, no built command, no package.
import config from "./jest.config.js";

/** @type {import("jest").Config} */
export default {
  ...config,
  roots: config.roots.filter((root) => !/\/(?:tests|examples)$/.test(root)),
  testPathIgnorePatterns: [
    ...config.testPathIgnorePatterns,
    "\\.engine\\.test\\.ts$",
    // These run the built command.
    "/packages/cli/src/(?:journeys|completion|options|terminal)/",
    // These run git against servers.
    "/template-build/src/checkout/",
    "/template-build/src/forge/gitea-forge\\.",
    "/template-build/src/context/(?:refuse-template|pack-context)\\.",
    "/testkit/src/forge/",
    "/test-fixtures/src/(?:registry|podman|engine)/",
    // These start programs by the hundred, or wait for time to pass.
    "/testkit/src/conformance/",
    "/node-edges/src/(?:run|lock)/",
    "/engine/src/credentials/docker-command\\.",
    "/engine/src/connection/faulty-engine\\.",
  ],
};
