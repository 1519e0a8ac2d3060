export * from "./docker-engine.js";
export * from "./engine-endpoint.js";
export * from "./find-engine-endpoint.js";
export type { Warn } from "./warn-once.js";
export { plainEngineEndpoint } from "./parse-engine-address.js";
