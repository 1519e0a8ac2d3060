import type { ImageSource } from "@molecule/core";
import { shown } from "./check-plugin.js";
import { isTree } from "../config/config-layer.js";
import { pluginInvalid } from "./plugin-failure.js";

const verbs = ["resolve", "find", "provide"] as const;

/** Answers what a plugin's `create` made as a source, or throws `PLUGIN_INVALID` that says which member is missing. */
export function checkSource(value: unknown, plugin: string): ImageSource {
  const refuse = (what: string): never => {
    throw pluginInvalid(`the result of create of ${plugin} answers`, what);
  };
  if (!isTree(value))
    return refuse(`it is ${value === undefined ? "undefined" : shown(value)}, not a source`);
  if (typeof value["then"] === "function")
    return refuse("it is a promise; create must return the source itself");
  const verb = verbs.find((name) => typeof value[name] !== "function");
  if (verb !== undefined) return refuse(`${verb} is ${shown(value[verb])}, not a function`);
  if (value["name"] !== plugin) return refuse(`name is ${shown(value["name"])}, not ${plugin}`);
  return value as unknown as ImageSource;
}
