export * from "./failure-of.js";
export * from "./template-with.js";
export * from "./test-base-platforms.js";
export * from "./use-source.js";
