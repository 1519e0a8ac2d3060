import {
  registryVariable,
  withoutUser,
  type Env,
  type RegistrySource,
  type SourcePlugin,
} from "@molecule/core";
import { maskedProxy, proxyVariables } from "@molecule/node-edges";
import { isTree } from "./config-layer.js";
import { tokenVariable } from "../log/known-secrets.js";
import { pluginOptions } from "../plugins/plugin-options.js";
import type { Settings, SettingValue } from "./settings.js";

/** Variables that no key of a configuration file stands for. */
const plainVariables = ["MOLECULE_LOCAL_IMAGE_ISOLATION"] as const;

/** Of other tools; worth a line only where they are set. */
const borrowedVariables = [
  "MOLECULE_CONFIG",
  "DOCKER_CONTEXT",
  "DOCKER_CONFIG",
  "DOCKER_TLS_VERIFY",
  "DOCKER_CERT_PATH",
  "CONTAINER_HOST",
  ...proxyVariables,
  "NO_PROXY",
  "no_proxy",
  "NODE_EXTRA_CA_CERTS",
] as const;

/** They hold nothing but secrets. */
const secretVariables = [tokenVariable, "DOCKER_AUTH_CONFIG"] as const;

/**
 * Everything that counts, for people: the settings, what the selected source takes for options that nobody set, and
 * the variables that are no settings. The token is there as `***`.
 */
export async function effectiveValues(
  settings: Settings,
  env: Env,
  registry: RegistrySource,
  plugin: SourcePlugin | undefined,
): Promise<readonly SettingValue[]> {
  // A variable that stands for an option of every template source is shown for the one that is asked.
  const said = settings
    .values()
    .filter(
      ({ path, origin }) =>
        !path.startsWith("options.") || !origin.startsWith("variable ") || isOf(plugin, path),
    );
  const known = new Set(said.map(({ path }) => path));
  const options = plugin === undefined ? {} : await pluginOptions(plugin, settings);
  const defaults = leaves(options, `options.${plugin?.name ?? ""}`)
    .filter(({ path }) => !known.has(path))
    .map((leaf) => ({ ...leaf, origin: "default" }));

  const variable = (path: string, value: unknown): SettingValue => ({
    path,
    value,
    origin: value === null ? "default" : `variable ${path}`,
  });
  const all = [
    variable(registryVariable, registry.mode === "registry" ? withoutUser(registry.prefix) : null),
    ...said,
    ...defaults,
    ...secretVariables.map((name) => variable(name, isSet(env, name) ? "***" : null)),
    ...plainVariables.map((name) => variable(name, env[name] ?? null)),
    ...borrowedVariables
      .filter((name) => isSet(env, name))
      .map((name) => variable(name, isProxy(name) ? maskedProxy(env[name] ?? "") : env[name])),
  ];
  return all.map((one) => ({ ...one, value: shown(one.value) }));
}

function isSet(env: Env, name: string): boolean {
  return (env[name] ?? "") !== "";
}

function isProxy(name: string): boolean {
  return proxyVariables.some((variable) => variable === name);
}

function isOf(plugin: SourcePlugin | undefined, path: string): boolean {
  return path.startsWith(`options.${plugin?.name ?? ""}.`);
}

/** A URL may have been written with a password in it, although none is taken. */
function shown(value: unknown): unknown {
  return typeof value === "string" ? value.replaceAll(/:\/\/[^/]*@/g, "://***@") : value;
}

function leaves(value: unknown, path: string): { readonly path: string; readonly value: unknown }[] {
  if (!isTree(value)) return [{ path, value }];
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return entries.flatMap(([key, one]) => leaves(one, `${path}.${key}`));
}
