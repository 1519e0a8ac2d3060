import {
  assertOptions,
  parseRegistryPrefix,
  cancelled,
  escapeControls,
  isDiagnosable,
  isEngineBound,
  isImageSourceError,
  knownRuntime,
  nameSource,
  runChecks,
  silentProgress,
  type Call,
  type Clock,
  type ContainerEngine,
  type Diagnosable,
  type DiagnosisScope,
  type EngineCall,
  type EngineDescription,
  type Env,
  type Finding,
  type ImageSource,
  type ImageSourceError,
  type RuntimeName,
  type Verdict,
} from "@molecule/core";
import type { DirectoryStore } from "@molecule/node-edges";
import type { HostParts } from "../selection/create-source.js";
import type { DiagnoseOptions } from "../contract/host.js";
import type { FurtherEngines } from "../services/further-engines.js";
import { sourceEngine } from "../selection/source-engine.js";
import type { UnknownVariable } from "../config/unknown-variables.js";
import { checkCache } from "./check-cache.js";
import { checkConfiguration, checkPlugins } from "./check-configuration.js";
import { checkDisk } from "./check-disk.js";
import { checkBuildkit, checkEngine } from "./check-engine.js";
import { checkPlatform } from "./check-platform.js";
import { checkVariables } from "./check-variables.js";

export interface Patient extends HostParts {
  readonly variables: readonly UnknownVariable[];
  readonly env: Env;
  readonly home: string;
  readonly further: FurtherEngines;
  readonly store: DirectoryStore;
  readonly clock: Clock;
  makeSource(): Promise<ImageSource>;
}

interface FoundEngine {
  readonly engine: ContainerEngine;
  readonly description: EngineDescription;
}

const gigabyte = 1e9;

/** Returns the findings of the host, then those of the selected source, masked. */
export async function diagnoseHost(
  patient: Patient,
  known: readonly ImageSourceError[],
  caller: DiagnoseOptions = {},
): Promise<readonly Finding[]> {
  assertOptions(caller, { signal: "signal", runtimes: "list" });
  const { signal = new AbortController().signal, runtimes = [] } = caller;
  const hasLeft = (): boolean => signal.aborted;
  if (hasLeft()) throw cancelled();
  const { settings, registry, clock, env, mask, log } = patient;
  const problems = [
    ...known,
    ...(registry.mode === "registry" ? thrownBy(() => parseRegistryPrefix(registry.prefix)) : []),
  ];
  const named: RuntimeName[] = [];
  for (const name of new Set(runtimes)) {
    const unknown = thrownBy(() => named.push(knownRuntime(name, settings.runtimes)));
    // The configuration that cannot be read may add the name.
    if (known.length === 0) for (const error of unknown) throw error;
    problems.push(...unknown);
  }
  const scope = { named, allowed: [...settings.runtimes] };
  const source = await patient.makeSource().catch((error: unknown) => {
    if (!isImageSourceError(error)) throw error;
    problems.push(error);
    return undefined;
  });
  const isLoaded = source !== undefined && isEngineBound(source) && source.buildsElsewhere === true;
  const images = registry.mode === "registry" ? "pulled" : isLoaded ? "loaded" : "built";
  const call: Call = { signal, log, progress: silentProgress, fresh: false };
  let search: Promise<FoundEngine | undefined> | undefined;
  const found = (within: AbortSignal): Promise<FoundEngine | undefined> =>
    (search ??= findEngine(patient, source, { signal: within }));
  /** An unreachable engine is reported only once. */
  const ifFound = (within: AbortSignal): Promise<FoundEngine | undefined> =>
    found(within).catch(() => undefined);

  let cacheVerdict: Promise<Verdict> | undefined;
  const cache = (): Promise<Verdict> => (cacheVerdict ??= checkCache(patient.store));

  const checks = runChecks(
    [
      { id: "configuration", run: async () => checkConfiguration(problems, settings) },
      { id: "variables", run: async () => checkVariables(patient.variables) },
      { id: "plugins", run: async () => checkPlugins(problems, await patient.sources()) },
      {
        id: "engine",
        run: async (within) => {
          const one = await found(within);
          return one && checkEngine(one.description);
        },
      },
      {
        id: "buildkit",
        run: async (within) => {
          const one = images === "built" ? await ifFound(within) : undefined;
          return one && checkBuildkit(one.description);
        },
      },
      {
        id: "platform",
        run: async (within) => {
          const one = await ifFound(within);
          return one && checkPlatform(one.description, { platform: settings.platform, images });
        },
      },
      { id: "cache", run: cache },
      {
        id: "disk.cache",
        // Free space does not matter in a directory that cannot be used.
        run: async () =>
          (await cache()).ok
            ? checkDisk(settings.cacheDir, {
                wantedBytes: gigabyte,
                purpose: "checkouts",
                remedy:
                  "Free space with molecule-image prune, or set MOLECULE_LOCAL_BUILD_CACHE to another disk.",
              })
            : undefined,
      },
      {
        id: "disk.temp",
        run: () =>
          checkDisk((env["TMPDIR"] ?? "") || "/tmp", {
            wantedBytes: gigabyte / 4,
            purpose: "temporary files",
            remedy: "Free space there, or set TMPDIR to another disk.",
          }),
      },
      {
        id: "disk.engine",
        run: async (within) => {
          const one = await ifFound(within);
          // The directory of a remote or virtualized engine is not on this machine.
          if (one?.description.address.startsWith("unix://") !== true) return undefined;
          const directory = await one.engine.storageDirectory({ signal: within });
          return directory === undefined ? undefined : checkDisk(directory, engineRoom);
        },
      },
    ],
    { signal, clock },
  );
  const own = source !== undefined && isDiagnosable(source) ? contributed(source, call, scope, clock) : [];
  const clean = (text: string): string => escapeControls(mask.text(text)).replaceAll(/\s*\n\s*/g, " ");
  try {
    // Together: if both reject, neither rejection may stay unhandled.
    const [ofHost, ofSource] = await Promise.all([checks, own]);
    return [...ofHost, ...ofSource].map(({ id, ok, level, message, hint }) => ({
      id,
      level: level ?? (ok ? "ok" : "bad"),
      ok,
      message: clean(message),
      hint: clean(hint),
    }));
  } catch (error) {
    throw hasLeft() ? cancelled() : error;
  }
}

const engineRoom = {
  wantedBytes: 2 * gigabyte,
  purpose: "the engine's images",
  remedy: "Free space with molecule-image prune, docker image prune or docker builder prune.",
};

/** Returns the selected source's engine, which may differ from the configured one; undefined if it needs none. */
async function findEngine(
  patient: Patient,
  source: ImageSource | undefined,
  call: EngineCall,
): Promise<FoundEngine | undefined> {
  const engine = await sourceEngine(source, patient, call);
  return engine && { engine, description: await engine.describe(call) };
}

/** Returns the source's own findings. A failure or a timeout is a finding as well. */
async function contributed(
  source: ImageSource & Diagnosable,
  call: Call,
  scope: DiagnosisScope,
  clock: Clock,
): Promise<readonly Finding[]> {
  let findings: readonly Finding[] = [];
  const run = async (signal: AbortSignal): Promise<undefined> => {
    findings = await source.diagnose({ ...call, signal }, scope);
  };
  // Longer than the limits of two of its own checks, one after the other.
  const failed = await runChecks([{ id: "source", run }], { signal: call.signal, clock, withinMs: 22_000 });
  return [...findings, ...failed].map((one) => ({ ...one, hint: nameSource(one.hint, source.name) }));
}

function thrownBy(work: () => unknown): ImageSourceError[] {
  try {
    work();
    return [];
  } catch (error) {
    if (isImageSourceError(error)) return [error];
    throw error;
  }
}
