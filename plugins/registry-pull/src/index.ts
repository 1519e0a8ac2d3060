import { definePlugin } from "@molecule/core";
import { registryOptions, registryOptionsJsonSchema } from "./registry-options.js";
import { registrySource } from "./registry-source.js";

const name = "registry-pull";

/** Pulls ready images from the registry that `MOLECULE_IMAGE_REGISTRY` names. */
export default definePlugin({
  name,
  version: "0.1.0",
  apiVersion: 1,
  modes: ["registry"],
  capabilities: ["diagnosable", "recallable"],
  callOptions: ["digest", "platform"],
  runtimeOptions: [{ option: "pullPolicy", hasDefault: true }, { option: "pins" }],
  optionPaths: ["verify.key"],
  harmlessOptions: ["tag", "pullPolicy", "pins"],
  options: registryOptions,
  optionsJsonSchema: registryOptionsJsonSchema,
  create: (options, services) => registrySource(name, options, services),
});
