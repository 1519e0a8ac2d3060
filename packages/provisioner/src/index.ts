export { containerLabels } from "./container-labels.js";
export { createProvisioner, type ContainerRef, type Provisioner } from "./create-provisioner.js";
export type { ProvisionerImages, ProvisionerParts } from "./provisioner-engines.js";
export type { StartedContainer } from "./start-container.js";
export type { ContainerRequest, StartRequest } from "./start-request.js";
