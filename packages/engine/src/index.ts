export * from "./docker-engine.js";
export * from "./connection/engine-endpoint.js";
export * from "./connection/find-engine-endpoint.js";
export { exposureRemedy } from "./connection/exposed-endpoint.js";
export { classicBuilderRemedy, hasClassicBuilderHole } from "./builds/classic-builder-hole.js";
export type { EngineLog } from "./connection/log-once.js";
export { plainEngineEndpoint } from "./connection/parse-engine-address.js";
export {
  describeCredentialEntry,
  type DescribedCredentialEntry,
} from "./credentials/describe-credential-entry.js";
export { createRegistryClient, type RegistryClientOptions } from "./registry/create-registry-client.js";
export { registryCredentials, type CredentialEdges } from "./credentials/registry-credentials.js";
export {
  createRegistryCredentials,
  type RegistryCredentialsEdges,
} from "./credentials/create-registry-credentials.js";
