import { types } from "node:util";
import { ImageSourceError, closestMatch } from "@molecule/core";
import { shippedSources } from "./source-names.js";

/** No such plugin where it was looked for. */
export function pluginNotFound(name: string, looked: string): ImageSourceError {
  const likely = closestMatch(name, shippedSources);
  return new ImageSourceError({
    code: "PLUGIN_NOT_FOUND",
    message: `source plugin not found: ${name}: ${looked}`,
    hint: `${likely === undefined ? "" : `Did you mean ${likely}? `}Install it next to the configuration file that names it, or correct the name; molecule-image sources lists the plugins.`,
  });
}

/** It is there, and fails to load. */
export function pluginBroken(place: string, cause: unknown): ImageSourceError {
  const detail = types.isNativeError(cause) ? `${cause.name}: ${cause.message}` : String(cause);
  return new ImageSourceError({
    code: "PLUGIN_BROKEN",
    message: `${place} fails to load: ${detail.split("\n", 1)[0] ?? ""}`,
    hint: "Reinstall or update the plugin; if that does not help, report it to its author.",
    cause,
  });
}

/** It loads, and is no plugin that this version can use. */
export function pluginInvalid(place: string, what: string): ImageSourceError {
  return new ImageSourceError({
    code: "PLUGIN_INVALID",
    message: `${place} is not a source plugin: ${what}`,
    hint: "A plugin must default-export definePlugin({ name, apiVersion, modes, create }); report it to its author.",
  });
}

/** It was written for a version of the interface that this host does not serve. */
export function pluginOutOfRange(
  place: string,
  plugin: string,
  host: string,
  update: string,
): ImageSourceError {
  return new ImageSourceError({
    code: "PLUGIN_INVALID",
    message: `${place} cannot be used: ${plugin}, and this host supports ${host}`,
    hint: update,
  });
}

/** Which one is meant cannot be told. */
export function pluginTwice(name: string, one: string, other: string): ImageSourceError {
  return new ImageSourceError({
    code: "PLUGIN_INVALID",
    message: `two source plugins are named ${name}: ${one} and ${other}`,
    hint: "Remove one of them from `plugins`, or rename it; a plugin that ships with the command needs no entry.",
  });
}
