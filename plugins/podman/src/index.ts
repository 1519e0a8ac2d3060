import { definePlugin } from "@molecule/core";
import {
  assertUsableOptions,
  engineImageBuilder,
  giteaForge,
  templateOptions,
  templateOptionPaths,
  templateOptionsJsonSchema,
  templateSource,
  tokenVariable,
} from "@molecule/template-build";
import { findPodman } from "./find-podman.js";

const name = "podman";

/** Builds the current commit of a Gitea template repository with Podman, through its Docker-compatible socket. */
export default definePlugin({
  name,
  version: "0.1.0",
  apiVersion: 1,
  modes: ["local"],
  options: templateOptions,
  optionPaths: templateOptionPaths,
  assertUsable: (options) => {
    assertUsableOptions(options);
  },
  optionsJsonSchema: templateOptionsJsonSchema,
  create: (options, services) =>
    templateSource({
      name,
      options,
      services,
      forge: giteaForge({
        ...options,
        branch: options.branch,
        token: services.env[tokenVariable],
        fetch: services.fetch,
      }),
      builder: engineImageBuilder(services.connectEngine(() => findPodman(services.env), "CONTAINER_HOST")),
    }),
});
