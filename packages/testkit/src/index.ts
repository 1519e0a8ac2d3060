export { buildContextOf } from "./files/build-context-of.js";
export { forgeUpstream, type ForgeUpstream, type ForgeVariant } from "./conformance/forge-upstream.js";
export { imageSourceSuite } from "./conformance/image-source-suite.js";
export type {
  ImageStore,
  SuiteOptions,
  SuiteUpstream,
  SuiteWorld,
} from "./conformance/world/suite-options.js";
export type { EndFault, UpstreamFault, UpstreamFaults } from "./conformance/world/upstream-faults.js";
export { createTestStore } from "./fakes/create-test-store.js";
export { createMemoryEngine } from "./fakes/memory/memory-engine.js";
export {
  createFakeImageProvider,
  type FakeCall,
  type FakeImageProvider,
} from "./fakes/provider/create-fake-image-provider.js";
export type {
  FakeBuild,
  FakeFailure,
  FakeOutcome,
  FakeOutcomes,
  FakePull,
  FakeScript,
  FakeStep,
} from "./fakes/provider/fake-script.js";
export { startMemoryRegistry, type MemoryRegistry } from "./fakes/memory/start-memory-registry.js";
export * from "./fakes/start-fake-engine.js";
export * from "./files/image-archive.js";
export type { Fault, FaultAnswer, FaultHandler, FaultMatch } from "./forge/fault.js";
export * from "./forge/forge.js";
export * from "./forge/hello-template.js";
export * from "./forge/start-forge.js";
export * from "./forge/template-file.js";
export type { SeenRequest } from "./http/http-server.js";
