export { authFile, type AuthFile, type AuthFileFormat } from "./programs/auth-file.js";
export { buildKey, type BuildInputs } from "./image/build-key.js";
export { engineImageBuilder } from "./image/engine-image-builder.js";
export { layOutContext, type LayOutRequest } from "./context/lay-out-context.js";
export type { BuildSecret, BuildSecrets, SecretPlace } from "./image/build-secrets.js";
export type { BuildMachine, BuildPlan, BuiltImage, ImageBuilder } from "./image/image-builder.js";
export { labelNames } from "./image/image-labels.js";
export { revisionOf } from "./image/local-reference.js";
export { proxyVariables } from "./programs/proxy-variables.js";
export { secretArguments, type SecretArguments } from "./programs/secret-arguments.js";
export { templateManifest } from "./template-manifest.js";
export { assertUsableOptions } from "./options/usable-options.js";
export {
  defaultRepoPrefix,
  registryPath,
  templateOptions,
  templateOptionsJsonSchema,
  type TemplateOptions,
} from "./options/template-options.js";
export { templateSource, type TemplateSourceParts } from "./template-source.js";
