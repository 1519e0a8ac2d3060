import js from "@eslint/js";
import tseslint from "typescript-eslint";

// The directions of docs/adr/0008-rooms-and-directions.md: each room, and what it may not import.
const host = ["tsyringe", "reflect-metadata", "winston", "cosmiconfig", "@molecule/host"];
const sources = ["@molecule/source-*", "molecule-source-*"];
const rooms = {
  "packages/core": ["@molecule/*", "!node:*", "dockerode", "simple-git", "valibot", ...host],
  "packages/node-edges": ["@molecule/*", "!@molecule/core", "dockerode", "simple-git", "valibot", ...host],
  "packages/signatures": ["@molecule/*", "!@molecule/core", ...host],
  "packages/engine": [
    ...host,
    ...sources,
    "@molecule/template-build",
    "@molecule/provisioner",
    "@molecule/cli",
  ],
  "packages/template-build": [
    ...host,
    ...sources,
    "@molecule/provisioner",
    "@molecule/cli",
    "dockerode",
    "@molecule/engine",
  ],
  "packages/provisioner": [
    ...host,
    ...sources,
    "@molecule/template-build",
    "@molecule/cli",
    "dockerode",
    "@molecule/engine",
  ],
  "packages/telemetry": ["@molecule/*", "!@molecule/core", ...host],
  "packages/testkit": ["@molecule/*", "!@molecule/core", ...host],
  "packages/test-fixtures": ["@molecule/*", "!@molecule/core", "!@molecule/testkit", ...host],
  "packages/host": [
    ...sources,
    "@molecule/template-build",
    "@molecule/provisioner",
    "@molecule/cli",
    "dockerode",
  ],
  plugins: [...host, ...sources, "@molecule/provisioner", "@molecule/cli", "dockerode", "@molecule/engine"],
};

const directions = Object.entries(rooms).map(([room, forbidden]) => ({
  files: [`${room}/**/*.ts`],
  // Tests may use the real parts.
  ignores: ["**/*.test.ts", "**/*.test.support.ts"],
  rules: {
    "no-restricted-imports": [
      "error",
      {
        patterns: [
          { group: forbidden, message: `${room} may not import this: docs/adr/0008-rooms-and-directions.md` },
        ],
      },
    ],
  },
}));

export default tseslint.config(
  {
    ignores: [
      "**/dist/",
      "**/lib/",
      "**/bundle/",
      "**/node_modules/",
      ".tools/",
      "artifacts/",
      "coverage/",
      // Compiled against the packed packages, by tests of tests/.
      "tests/consumers/",
      "examples/minimal-source/",
      // For browsers; a test runs it in one.
      "examples/host-app/public/",
      "packages/create-molecule-source/template/",
      "**/*.mjs",
      "**/*.cjs",
      "*.config.js",
    ],
  },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    files: ["**/*.ts"],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // Stubs in tests and sources that answer at once are async by interface.
      "@typescript-eslint/require-await": "off",
      // The reason of a signal is what it was aborted with: an error, though its type is any.
      "@typescript-eslint/prefer-promise-reject-errors": "off",
      "@typescript-eslint/only-throw-error": "off",
      "no-console": "error",
    },
  },
  {
    files: ["**/*.ts"],
    ignores: [
      "packages/node-edges/src/node-edges.ts",
      "packages/cli/src/**",
      "examples/**",
      "packages/testkit/src/**",
      "packages/test-fixtures/src/**",
      "**/*.test.ts",
      "**/*.test.support.ts",
      "tests/**",
    ],
    rules: {
      "no-restricted-globals": [
        "error",
        {
          name: "process",
          message: "The process is reached in node-edges.ts alone: docs/adr/0008-rooms-and-directions.md",
        },
      ],
    },
  },
  ...directions,
);
