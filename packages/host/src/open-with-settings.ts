import {
  createMask,
  isImageSourceError,
  resolveRegistrySource,
  selectSource,
  silentLog,
  silentProgress,
  tokens,
  type Clock,
  type Fetch,
  type ImageSource,
  type Log,
  type RegistrySource,
  type Run,
} from "@molecule/core";
import {
  createDockerEngine,
  createRegistryCredentials,
  findEngineEndpoint,
  type DockerEngineOptions,
} from "@molecule/engine";
import { configuredPlugins, givenPlugins, selectedPlugin } from "./plugins/collect-plugins.js";
import { compose, credentialsOf, type HostContainer } from "./compose.js";
import { createProvider } from "./create-provider.js";
import { createSource } from "./plugins/create-source.js";
import { diagnoseHost } from "./doctor/diagnose-host.js";
import { effectiveValues } from "./config/effective-values.js";
import { furtherEngines } from "./further-engines.js";
import type { Host, HostImageProvider, HostOptions } from "./host.js";
import { knownSecrets } from "./log/known-secrets.js";
import { maskedLog } from "./log/masked-log.js";
import { nodeEdges, withSafePath } from "@molecule/node-edges";
import type { Settings } from "./config/settings.js";
import { pruneAll } from "./prune-all.js";
import { withShipped } from "./plugins/shipped-plugins.js";
import { sourceEngine } from "./plugins/source-engine.js";
import { sourceEntries } from "./plugins/source-entry.js";
import { unknownVariables } from "./config/unknown-variables.js";
import { refuseUnknownOptions } from "./config/unknown-options.js";
import { usableEnv } from "./config/usable-env.js";

/**
 * Puts together what the settings ask for. A plugin that cannot be used stops only who needs it.
 * Rejects with `CONFIG_INVALID` where there are options of a source that nobody has.
 */
export async function openWithSettings(options: HostOptions, settings: Settings): Promise<Host> {
  const { cwd, shipped = {}, mask = createMask() } = options;
  const env = usableEnv(options.env);
  for (const secret of knownSecrets(env)) mask.add(secret);
  const edges = nodeEdges(env);
  const home = options.home ?? edges.home;
  const userEnv = { ...env, HOME: env.HOME ?? home };

  const given = givenPlugins(options.plugins ?? []);
  const registry = resolveRegistrySource(env);
  const selection = selectSource(registry, settings.sources, settings.originOf("sources", registry.mode));
  const collected = await configuredPlugins(given, shipped, settings, selection);
  refuseUnknownOptions(settings, collected, shipped);

  const programEnv = withSafePath(userEnv, [cwd, edges.cwd]);
  const engineMeans = (made: HostContainer): DockerEngineOptions => ({
    log: made.resolve<Log>(tokens.log),
    fetch: made.resolve<Fetch>(tokens.fetch),
    credentials: credentialsOf(made),
  });
  const composition = compose(options.container, {
    services: {
      fetch: () => edges.fetch,
      run: () => edges.run,
      clock: () => edges.clock,
      log: () => silentLog,
      engine: (made) =>
        createDockerEngine(
          () => findEngineEndpoint({ env, home, address: settings.engine }),
          engineMeans(made),
        ),
    },
    credentials: (made) =>
      createRegistryCredentials({
        run: made.resolve<Run>(tokens.run),
        clock: made.resolve<Clock>(tokens.clock),
        log: made.resolve<Log>(tokens.log),
        env: programEnv,
        home,
        mask,
      }),
    wrapLog: (log) => maskedLog(options.logger ?? log, mask),
  });
  const { services, container, credentials } = composition;
  for (const { name, likely } of unknownVariables(env, settings)) {
    const meant = likely === undefined ? {} : { likely };
    services.log.warn("no variable has this name, so it has no effect", { variable: name, ...meant });
  }
  const further = furtherEngines(engineMeans(container));
  const parts = {
    settings,
    registry,
    selection,
    engine: services.engine,
    mask,
    log: services.log,
    container,
    sources: async () => sourceEntries(await withShipped(collected, shipped), selection),
    values: () => effectiveValues(settings, env, registry, collected.plugins.get(selection.source)?.plugin),
    close: async () => {
      edges.close();
      if (!composition.isOverridden("engine")) await services.engine.close();
      await further.close();
    },
  };
  const chosen = { env: programEnv, credentials, composition, observer: options.observer, further };
  /** Of the source for local builds, where another mode is selected. */
  async function beside(local: RegistrySource): Promise<HostImageProvider> {
    const origin = settings.originOf("sources", local.mode);
    const localSelection = selectSource(local, settings.sources, origin);
    const known = await configuredPlugins(given, shipped, settings, localSelection);
    const plugin = selectedPlugin(known, localSelection);
    const host = { ...parts, registry: local, selection: localSelection };
    return createProvider(host, { ...chosen, plugin, isMain: false });
  }
  const own = async (isMain: boolean): Promise<HostImageProvider> =>
    createProvider(parts, { ...chosen, plugin: selectedPlugin(collected, selection), isMain });
  const makeSource = async (): Promise<ImageSource> => {
    const plugin = selectedPlugin(collected, selection);
    return (await createSource(parts, { ...chosen, plugin })).source;
  };
  return {
    ...parts,
    createProvider: () => own(true),
    imageEngine: async ({ signal = new AbortController().signal } = {}) => {
      const source = await makeSource().catch((error: unknown) => {
        if (isImageSourceError(error)) return undefined;
        throw error;
      });
      const call = { signal, log: services.log, progress: silentProgress, fresh: false };
      return sourceEngine(source, { engine: services.engine, further }, call);
    },
    prune: async (request, caller) => {
      const local = resolveRegistrySource({});
      const providers = [await own(false), ...(registry.mode === local.mode ? [] : [await beside(local)])];
      return pruneAll(providers, request, caller);
    },
    diagnose: (caller, problems) =>
      diagnoseHost(
        {
          ...parts,
          env: programEnv,
          home,
          further,
          clock: services.clock,
          makeSource,
        },
        problems ?? [],
        caller,
      ),
  };
}
