import { accessFaults } from "./access-faults.js";
import { blobFaults } from "./blob-faults.js";
import { manifestFaults } from "./manifest-faults.js";
import type { RegistryFault } from "./registry-fault.js";

/** Every fault of this registry, by name. The name is the first part of the repository's path. */
export const registryFaults: Readonly<Record<string, RegistryFault>> = {
  ...manifestFaults,
  ...blobFaults,
  ...accessFaults,
};
