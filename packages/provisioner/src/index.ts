export { containerLabels } from "./container-labels.js";
export { createProvisioner, type Provisioner, type ProvisionerParts } from "./create-provisioner.js";
export type { StartedContainer } from "./start-container.js";
export type { StartRequest } from "./start-request.js";
