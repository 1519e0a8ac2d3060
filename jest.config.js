// Tests run the TypeScript sources through swc; `npm run check` type-checks them, swc does not.
const packages = [
  "core",
  "node-edges",
  "signatures",
  "engine",
  "host",
  "template-build",
  "provisioner",
  "testkit",
  "telemetry",
  "cli",
  "test-fixtures",
];

/** @type {import("jest").Config} */
export default {
  roots: ["<rootDir>/packages", "<rootDir>/plugins", "<rootDir>/examples", "<rootDir>/tests"],
  testMatch: ["**/*.test.ts"],
  testPathIgnorePatterns: [
    "/node_modules/",
    "/dist/",
    "/examples/minimal-source/",
    "/create-molecule-source/template/",
  ],
  modulePathIgnorePatterns: ["/dist/", "/lib/", "/artifacts/", "/\\.tools/"],
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "\\.ts$": [
      "@swc/jest",
      {
        jsc: {
          target: "es2022",
          parser: { syntax: "typescript", decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: "es6" },
        sourceMaps: "inline",
      },
    ],
  },
  moduleNameMapper: {
    ...Object.fromEntries(
      packages.map((name) => [`^@molecule/${name}$`, `<rootDir>/packages/${name}/src/index.ts`]),
    ),
    "^@molecule/testkit/(http-mocks|internal)$": "<rootDir>/packages/testkit/src/$1.ts",
    "^@molecule/test-fixtures/source$": "<rootDir>/packages/test-fixtures/src/source/index.ts",
    "^@molecule/source-(.*)$": "<rootDir>/plugins/$1/src/index.ts",
    "^(\\.{1,2}/.*)\\.js$": "$1",
  },
  coverageProvider: "babel",
  globalSetup: "<rootDir>/tests/support/global-setup.mjs",
  globalTeardown: "<rootDir>/tests/support/global-teardown.mjs",
  setupFiles: ["<rootDir>/tests/support/worker-engine.mjs"],
  // Ends a test that hangs. One that takes 20 s alone may take five times that on a busy machine.
  testTimeout: 120_000,
  // Each file in its own process, even on a machine with two cores: most of the time is spent waiting for an engine. In the
  // matrix every file uses one and waits for two thirds of its time, so more of them run side by side.
  maxWorkers: process.env.MOLECULE_TEST_KIND ? 4 : 2,
};
