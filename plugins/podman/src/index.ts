import { definePlugin } from "@molecule/core";
import {
  assertUsableOptions,
  engineImageBuilder,
  templateOptions,
  templateManifest,
  templateOptionsJsonSchema,
  templateSource,
} from "@molecule/template-build";
import { findPodman } from "./find-podman.js";

const name = "podman";
/** Names the engine, as for the podman command. */
const engineVariable = "CONTAINER_HOST";

/** Builds the current commit of a Gitea template repository with Podman, through its Docker-compatible socket. */
export default definePlugin({
  ...templateManifest,
  name,
  version: "0.1.0",
  apiVersion: 1,
  variables: [...templateManifest.variables, { name: engineVariable }],
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
      builder: engineImageBuilder(services.connectEngine(() => findPodman(services.env), engineVariable)),
    }),
});
