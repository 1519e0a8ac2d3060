export { buildKey, type BuildInputs } from "./build-key.js";
export { engineImageBuilder } from "./engine-image-builder.js";
export { layOutContext, type LayOutRequest } from "./context/lay-out-context.js";
export type { BuildSecret, BuildSecrets, SecretPlace } from "./build-secrets.js";
export type { BuildPlan, ImageBuilder } from "./image-builder.js";
export { labelNames } from "./image-labels.js";
export { revisionOf } from "./local-reference.js";
export { templateManifest } from "./template-manifest.js";
export { assertUsableOptions } from "./usable-options.js";
export {
  defaultRepoPrefix,
  templateOptions,
  templateOptionsJsonSchema,
  type TemplateOptions,
} from "./template-options.js";
export { templateSource, type TemplateSourceParts } from "./template-source.js";
