import { isImageSourceError, resolveRegistrySource, type ImageSource } from "@molecule/core";
import { createStore } from "@molecule/node-edges";
import { effectiveValues } from "./config/effective-values.js";
import type { Settings } from "./config/settings.js";
import { unknownVariables } from "./config/unknown-variables.js";
import { createProvider } from "./create-provider.js";
import { hostEnvironment } from "./services/host-environment.js";
import type { Host, HostImageProvider, HostOptions } from "./contract/host.js";
import { knownSecrets } from "./log/known-secrets.js";
import { givenPlugins } from "./selection/collect-plugins.js";
import { createSource, type HostParts } from "./selection/create-source.js";
import { loadSelection, type LoadedSelection } from "./selection/load-selection.js";
import { withShipped } from "./plugins/shipped-plugins.js";
import { sourceEngine } from "./selection/source-engine.js";
import { sourceEntries } from "./plugins/source-entry.js";
import { pruneAll } from "./prune-all.js";

/**
 * Composes a host from its settings: environment, plugins, services, then the host. A plugin that cannot be used
 * affects only callers that need it. Rejects with `CONFIG_INVALID` for options of unknown sources.
 * @param unknown whether to log unknown variables, or leave them to the report of `diagnose`
 */
export async function openWithSettings(
  options: HostOptions,
  configured: Settings,
  unknown: "log" | "report",
): Promise<Host> {
  const environment = hostEnvironment(options);
  const { env, programEnv, home, mask } = environment;

  const { shipped = {}, observer, flags } = options;
  const plugins = { given: givenPlugins(options.plugins ?? []), shipped };
  const selected = await loadSelection(plugins, configured, {
    registry: resolveRegistrySource(env),
    flags,
  });
  for (const secret of knownSecrets(env, selected.manifests)) mask.add(secret);

  // Imported lazily: it loads tsyringe and the engine, which took a quarter of this package's import time.
  const { composeServices } = await import("./services/compose-services.js");
  const composed = composeServices(options, environment, selected.settings.engine);
  const { services, container, credentials, registryClient, further } = composed;
  const { engine, log, clock } = services;

  const variables = unknownVariables(env, selected.settings, selected.manifests);
  if (unknown === "log") {
    for (const { name, likely } of variables) {
      const meant = likely === undefined ? {} : { likely };
      log.warn("unknown variable, which has no effect", { variable: name, ...meant });
    }
  }

  const partsOf = ({ registry, selection, settings, collected, manifests }: LoadedSelection): HostParts => ({
    settings,
    registry,
    selection,
    engine,
    mask,
    log,
    container,
    imageNames: manifests.flatMap(({ name, imageNames }) =>
      imageNames === undefined ? [] : [{ source: name, start: imageNames }],
    ),
    sources: async () => sourceEntries(await withShipped(collected, shipped), selection),
    values: () =>
      effectiveValues(settings, env, registry, collected.plugins.get(selection.source)?.plugin, manifests),
    close: () => composed.close(),
    [Symbol.asyncDispose]: () => composed.close(),
  });
  const store = createStore({ directory: selected.settings.cacheDir, env: programEnv });
  const chosen = {
    env: programEnv,
    credentials,
    registryClient,
    store,
    composition: composed,
    observer,
    further,
  };
  const providerOf = async (loaded: LoadedSelection, isMain: boolean): Promise<HostImageProvider> =>
    createProvider(partsOf(loaded), { ...chosen, plugin: loaded.plugin(), isMain });
  const parts = partsOf(selected);
  const makeSource = async (): Promise<ImageSource> =>
    (await createSource(parts, { ...chosen, plugin: selected.plugin() })).source;

  return {
    ...parts,
    createProvider: () => providerOf(selected, true),
    imageEngine: async (caller) => {
      const source = await makeSource().catch((error: unknown) => {
        if (isImageSourceError(error)) return undefined;
        throw error;
      });
      return sourceEngine(source, { engine, further, mask, log }, caller);
    },
    prune: async (request, caller) => {
      const local = resolveRegistrySource({});
      const isLocal = selected.registry.mode === local.mode;
      const others = isLocal ? [] : [await loadSelection(plugins, configured, { registry: local })];
      const providers: HostImageProvider[] = [];
      for (const loaded of [selected, ...others]) providers.push(await providerOf(loaded, false));
      return pruneAll(providers, request, caller);
    },
    diagnose: async (caller, problems) => {
      const { diagnoseHost } = await import("./doctor/diagnose-host.js");
      return diagnoseHost(
        { ...parts, variables, env: programEnv, home, store, further, clock, makeSource },
        problems ?? [],
        caller,
      );
    },
  };
}
