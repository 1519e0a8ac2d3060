import { definePlugin } from "@molecule/core";
import {
  assertUsableOptions,
  engineImageBuilder,
  templateOptions,
  templateManifest,
  templateOptionsJsonSchema,
  templateSource,
} from "@molecule/template-build";

const name = "gitea-local-build";

/** Builds the current commit of a Gitea template repository on the local engine. */
export default definePlugin({
  ...templateManifest,
  name,
  version: "0.1.0",
  apiVersion: 1,
  options: templateOptions,
  assertUsable: (options) => {
    assertUsableOptions(options);
  },
  optionsJsonSchema: templateOptionsJsonSchema,
  create: (options, services) =>
    templateSource({
      name,
      options,
      services,
      builder: engineImageBuilder(services.engine),
    }),
});
