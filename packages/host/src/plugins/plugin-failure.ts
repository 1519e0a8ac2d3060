import { dirname } from "node:path";
import { types } from "node:util";
import { ImageSourceError, closestMatch } from "@molecule/core";
import { isInlineFile } from "../layers/inline-file.js";
import { shippedManifests } from "./shipped-manifests.js";

/**
 * The plugin was not found.
 * @param file the configuration file that names it
 */
export function pluginNotFound(name: string, looked: string, file?: string): ImageSourceError {
  const shipped = shippedManifests.map((manifest) => manifest.name);
  const likely = closestMatch(name, shipped);
  return new ImageSourceError({
    code: "PLUGIN_NOT_FOUND",
    message: `source plugin ${name} not found: ${looked}`,
    hint: `${likely === undefined ? "" : `Did you mean ${likely}? `}Install it ${installPlace(file)}, or correct the name. Shipped: ${shipped.join(", ")}.`,
  });
}

/** No available plugin has the selected source. */
export function sourceNotFound(source: string, looked: string, file?: string): ImageSourceError {
  const error = pluginNotFound(source, looked, file);
  // The command contains every shipped plugin, so only an application can lack one.
  const isShipped = shippedManifests.some(({ name }) => name === source);
  return isShipped
    ? error.with({ hint: `Pass it in \`plugins\`: the default export of @molecule/source-${source}.` })
    : error;
}

function installPlace(file: string | undefined): string {
  return file !== undefined && isInlineFile(file)
    ? `in ${dirname(file)}`
    : "next to the configuration file that names it";
}

/** The plugin exists but fails to load. */
export function pluginBroken(place: string, cause: unknown): ImageSourceError {
  const detail = types.isNativeError(cause) ? `${cause.name}: ${cause.message}` : String(cause);
  return new ImageSourceError({
    code: "PLUGIN_BROKEN",
    message: `cannot load ${place}: ${detail.split("\n", 1)[0] ?? ""}`,
    hint: "Reinstall or update the plugin, or report the problem to its author.",
    cause,
  });
}

/** The module loads but is not a valid plugin. */
export function pluginInvalid(place: string, what: string): ImageSourceError {
  return new ImageSourceError({
    code: "PLUGIN_INVALID",
    message: `${place} is not a source plugin: ${what}`,
    hint: "Ask the plugin's author to default-export definePlugin({ name, apiVersion, modes, create }).",
  });
}

/** The plugin was written for an interface version that this host does not support. */
export function pluginOutOfRange(
  place: string,
  plugin: string,
  host: string,
  update: string,
): ImageSourceError {
  return new ImageSourceError({
    code: "PLUGIN_INVALID",
    message: `${place} cannot be used: ${plugin}, but this host supports ${host}`,
    hint: update,
  });
}

/** Two plugins have the same name. */
export function pluginTwice(name: string, one: string, other: string): ImageSourceError {
  return new ImageSourceError({
    code: "PLUGIN_INVALID",
    message: `two source plugins are named ${name}: ${one} and ${other}`,
    hint: "Remove one of them from `plugins`, or rename it; shipped plugins need no entry.",
  });
}
