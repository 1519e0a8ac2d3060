export * from "./buildkit/describe-with-buildkit.js";
export * from "./buildkit/start-buildkit-container.js";
export * from "./buildkit/start-buildkitd.js";
export * from "./cosign/copy-signature.js";
export * from "./cosign/create-signer.js";
export * from "./cosign/describe-with-cosign.js";
export * from "./cosign/fake-cosign.js";
export * from "./engine/describe-with-engine.js";
export * from "./engine/find-engine.js";
export * from "./engine/start-private-engine.js";
export { privateEngine, testEngineAddress } from "./engine/test-engine.js";
export * from "./fault-proxy/fault-proxy.js";
export * from "./fault-proxy/start-fault-proxy.js";
export * from "./files/small-disk.js";
export * from "./files/temporary-tree.js";
export * from "./network/start-network.js";
export * from "./podman/describe-with-podman.js";
export {
  startContainerStorage,
  type ContainerStorage,
  type ContainerStorageOptions,
} from "./podman/start-container-storage.js";
export * from "./podman/start-ordinary-user.js";
export * from "./podman/start-private-podman.js";
export * from "./programs/accelerated-clock.js";
export {
  makeAuthority,
  type TestAuthority,
  type TestCertificate,
  type Validity,
} from "./programs/certificates.js";
export * from "./programs/describe-where-possible.js";
export * from "./programs/running-commands.js";
export { startForSuite } from "./programs/start-for-suite.js";
export * from "./registry/credential-helper.js";
export { pushFaults } from "./registry/failing/push-faults.js";
export type { RegistryDoor, RegistryFault } from "./registry/failing/registry-fault.js";
export { registryFaults } from "./registry/failing/registry-faults.js";
export * from "./registry/failing/start-failing-registry.js";
export * from "./registry/put-image.js";
export * from "./registry/put-index.js";
export type { ImageContent } from "./registry/put-manifest.js";
export { registryError } from "./registry/registry-reply.js";
export type { UploadPlace } from "./registry/registry-upload.js";
export * from "./registry/start-guarded-registry.js";
export * from "./registry/start-registry.js";
export * from "./registry/start-token-server.js";
export * from "./registry/watch-registry.js";
export * from "./registry/write-docker-config.js";
export { runImage, temporaryDirectory, tracesOf, type TemporaryDirectory } from "@molecule/testkit/internal";
