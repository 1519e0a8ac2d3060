import { capabilityMismatch, type ImageSource, type SourceManifest } from "@molecule/core";
import { shown } from "./check-plugin.js";
import { isTree } from "../layers/config-layer.js";
import { pluginInvalid } from "./plugin-failure.js";

const verbs = ["resolve", "find", "provide"] as const;

/**
 * Returns the result of a plugin's `create` as a source. Throws `PLUGIN_INVALID`, naming the missing or wrong member.
 */
export function checkSource(
  value: unknown,
  { name: plugin, capabilities = [] }: Pick<SourceManifest, "name" | "capabilities">,
): ImageSource {
  const refuse = (what: string): never => {
    throw pluginInvalid(`the result of ${plugin}'s create`, what);
  };
  if (!isTree(value))
    return refuse(`it is ${value === undefined ? "undefined" : shown(value)}, not a source`);
  if (typeof value["then"] === "function")
    return refuse("it is a promise; create must return the source synchronously");
  const verb = verbs.find((name) => typeof value[name] !== "function");
  if (verb !== undefined) return refuse(`${verb} is ${shown(value[verb])}, not a function`);
  if (value["name"] !== plugin) return refuse(`name is ${shown(value["name"])}, not ${plugin}`);
  const mismatch = capabilityMismatch(capabilities, value);
  if (mismatch !== undefined) return refuse(mismatch);
  return value as unknown as ImageSource;
}
