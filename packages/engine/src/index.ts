export * from "./docker-engine.js";
export * from "./engine-endpoint.js";
export * from "./find-engine-endpoint.js";
export { classicBuilderRemedy, hasClassicBuilderHole } from "./classic-builder-hole.js";
export type { EngineLog } from "./say-once.js";
export { plainEngineEndpoint } from "./parse-engine-address.js";
export {
  describeCredentialEntry,
  type DescribedCredentialEntry,
} from "./credentials/describe-credential-entry.js";
export { registryCredentials, type CredentialEdges } from "./credentials/registry-credentials.js";
export {
  createRegistryCredentials,
  type RegistryCredentialsEdges,
} from "./credentials/create-registry-credentials.js";
