export { makeAuthority, type TestAuthority, type TestCertificate, type Validity } from "./certificates.js";
export { forgeUpstream, type ForgeUpstream } from "./conformance/forge-upstream.js";
export { imageSourceSuite } from "./conformance/image-source-suite.js";
export { createMemoryEngine } from "./conformance/memory/memory-engine.js";
export { startMemoryRegistry, type MemoryRegistry } from "./conformance/memory/start-memory-registry.js";
export type { ImageStore, SuiteOptions, SuiteUpstream, SuiteWorld } from "./conformance/suite-options.js";
export * from "./describe-where-possible.js";
export * from "./engine/describe-with-engine.js";
export * from "./engine/find-engine.js";
export * from "./engine/start-private-engine.js";
export { privateEngine, testEngineAddress } from "./engine/test-engine.js";
export * from "./fault-proxy/fault-proxy.js";
export * from "./fault-proxy/start-fault-proxy.js";
export type { Fault, FaultAnswer, FaultHandler, FaultMatch } from "./forge/fault.js";
export * from "./forge/forge.js";
export * from "./forge/start-forge.js";
export * from "./forge/template-file.js";
export type { SeenRequest } from "./http-server.js";
export * from "./hello-template.js";
export * from "./podman/describe-with-podman.js";
export {
  startContainerStorage,
  type ContainerStorage,
  type ContainerStorageOptions,
} from "./podman/start-container-storage.js";
export * from "./podman/start-ordinary-user.js";
export * from "./podman/start-private-podman.js";
export * from "./image-archive.js";
export * from "./registry/credential-helper.js";
export { pushFaults } from "./registry/failing/push-faults.js";
export type { RegistryDoor, RegistryFault } from "./registry/failing/registry-fault.js";
export { registryFaults } from "./registry/failing/registry-faults.js";
export * from "./registry/failing/start-failing-registry.js";
export * from "./registry/put-image.js";
export * from "./registry/put-index.js";
export type { ImageContent } from "./registry/put-manifest.js";
export type { UploadPlace } from "./registry/registry-upload.js";
export * from "./registry/start-guarded-registry.js";
export * from "./registry/start-registry.js";
export * from "./registry/start-token-server.js";
export * from "./registry/watch-registry.js";
export * from "./small-disk.js";
export * from "./start-fake-engine.js";
export * from "./temporary-directory.js";
export * from "./traces-of.js";
export * from "./temporary-tree.js";
