// Separate from the package's other entry, because scripts import that one outside of jest.
export * from "./failure-of.js";
export * from "./template-with.js";
export * from "./test-base-platforms.js";
export * from "./test-signed-sharing.js";
export * from "./use-guarded-registries.js";
export * from "./use-source.js";
