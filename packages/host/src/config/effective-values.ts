import {
  proxyVariables,
  registryVariable,
  withoutUser,
  type Env,
  type RegistrySource,
  type SourceManifest,
  type SourcePlugin,
  type SourceVariable,
} from "@molecule/core";
import { maskedProxy } from "@molecule/node-edges";
import { isTree } from "../layers/config-layer.js";
import { webhookSecretVariable } from "./webhook-secret.js";
import { pluginOptions } from "../options/plugin-options.js";
import type { Settings, SettingValue } from "./settings.js";

/** Variables that are shown only if set, most of them of other tools. */
const borrowedVariables = [
  "MOLECULE_CONFIG",
  "DOCKER_CONTEXT",
  "DOCKER_CONFIG",
  "DOCKER_TLS_VERIFY",
  "DOCKER_CERT_PATH",
  ...proxyVariables,
  "NO_PROXY",
  "no_proxy",
  "NODE_EXTRA_CA_CERTS",
] as const;

/**
 * Returns every effective value for display: the settings, the selected source's default options, and the variables
 * that are not settings. Secrets are shown as `***`.
 */
export async function effectiveValues(
  settings: Settings,
  env: Env,
  registry: RegistrySource,
  plugin: SourcePlugin | undefined,
  manifests: readonly SourceManifest[],
): Promise<readonly SettingValue[]> {
  // A variable that sets an option of every template source is shown only for the selected one.
  const explicit = settings
    .values()
    .filter(
      ({ path, origin }) =>
        !path.startsWith("options.") || !origin.startsWith("variable ") || isOf(plugin, path),
    );
  const known = new Set(explicit.map(({ path }) => path));
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
    ...explicit,
    ...defaults,
    ...declaredVariables(manifests)
      .filter(({ name }) => isOurs(name) || isSet(env, name))
      .map(({ name }) => variable(name, isSet(env, name) ? env[name] : null)),
    ...["DOCKER_AUTH_CONFIG", webhookSecretVariable].map((name) => variable(name, masked(env[name]))),
    ...borrowedVariables
      .filter((name) => isSet(env, name))
      .map((name) => variable(name, isProxy(name) ? maskedProxy(env[name] ?? "") : env[name])),
  ];
  const secrets = new Set(
    manifests.flatMap(({ variables = [] }) =>
      variables.filter(({ secret }) => secret).map(({ name }) => `variable ${name}`),
    ),
  );
  return all.map(({ value, ...one }) => ({
    ...one,
    value: secrets.has(one.origin) ? masked(value) : shown(value),
  }));
}

/** Returns the variables of the sources that set no option, each once. */
function declaredVariables(manifests: readonly SourceManifest[]): readonly SourceVariable[] {
  const plain = manifests.flatMap(({ variables = [] }) =>
    variables.filter(({ option }) => option === undefined),
  );
  return [...new Map(plain.map((variable) => [variable.name, variable])).values()];
}

function masked(value: unknown): string | null {
  return (value ?? "") === "" ? null : "***";
}

function isOurs(name: string): boolean {
  return name.startsWith("MOLECULE_");
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

/** Masks credentials in URLs: they are invalid there, but may have been written anyway. */
function shown(value: unknown): unknown {
  return typeof value === "string" ? value.replaceAll(/:\/\/[^/]*@/g, "://***@") : value;
}

function leaves(value: unknown, path: string): { readonly path: string; readonly value: unknown }[] {
  if (!isTree(value)) return [{ path, value }];
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return entries.flatMap(([key, one]) => leaves(one, `${path}.${key}`));
}
