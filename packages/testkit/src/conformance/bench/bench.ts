import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  createMask,
  defaultPlatform,
  noCredentials,
  parseRuntimeName,
  resolveRegistrySource,
  systemClock,
  type ImageSource,
  type Fetch,
  type Mask,
  type ReadyImage,
  type Resolution,
  type RuntimeName,
  type SourcePlugin,
  type SourceServices,
} from "@molecule/core";
import { createTestStore } from "../../fakes/create-test-store.js";
import { temporaryDirectory } from "../../files/temporary-directory.js";
import { createMemoryEngine } from "../../fakes/memory/memory-engine.js";
import { SkippedLaw } from "./skipped-law.js";
import { AsyncStack } from "./async-stack.js";
import { refusingRegistryClient } from "./refusing-registry-client.js";
import { refusingRun } from "./refusing-run.js";
import type { ImageStore, SuiteOptions } from "../world/suite-options.js";
import { collectTexts, type CollectedTexts } from "../world/collected-texts.js";
import { configuredSource } from "./configured-source.js";
import { createDoors, type Doors, type Weather } from "../world/door.js";
import { engineImages } from "../world/engine-images.js";
import type { EndFault, UpstreamFault } from "../world/upstream-faults.js";
import { startUpstream, type UpstreamHooks } from "./upstream-hooks.js";
import { watchCall, type WatchedCall } from "../world/watched-call.js";
import { watchEngine, type WatchedEngine } from "../world/watched-engine.js";
import { watchRun } from "../world/watched-run.js";

/** A source and its test environment, for one law. */
export interface Bench {
  readonly runtime: RuntimeName;
  /** A runtime that has no template but is on the allowlist. */
  readonly otherRuntime: RuntimeName;
  readonly source: ImageSource;
  readonly plugin: SourcePlugin | undefined;
  readonly services: SourceServices;
  readonly upstream: Pick<UpstreamHooks, "publish" | "impostor">;
  readonly secret: string;
  readonly directory: string;
  readonly mask: Mask;
  readonly doors: Doors;
  readonly engine: WatchedEngine;
  readonly texts: CollectedTexts;
  /** The images of this law's two runtimes: their IDs by name. */
  readonly images: () => Promise<ReadonlyMap<string, string>>;
  readonly store: ImageStore;
  /** Whether `breakUpstream` can cause that fault. */
  canBreak(fault: UpstreamFault): boolean;
  /**
   * Breaks the upstream until the fault is ended or the bench is closed: with the author's hook, else in front of its
   * door. Skips the law if there is neither.
   */
  breakUpstream(fault: UpstreamFault, weather: Weather): Promise<EndFault>;
  /** Another source of the same plugin and options. */
  another(services?: SourceServices): ImageSource;
  call(options?: { readonly signal?: AbortSignal; readonly fresh?: boolean }): WatchedCall;
  /** Publishes a version, resolves and provides it. */
  ready(
    version: string,
  ): Promise<{ readonly resolution: Resolution; readonly image: ReadyImage; readonly built: boolean }>;
  close(): Promise<void>;
}

const fetch: Fetch = (url, init) => globalThis.fetch(url, init);

const newRuntime = (): RuntimeName => parseRuntimeName(`suite-${randomBytes(5).toString("hex")}`);

/** Starts the upstream and creates the source. Nothing is published yet. */
export async function openBench(parts: SuiteOptions): Promise<Bench> {
  const opened = new AsyncStack();
  try {
    return await furnish(parts, opened);
  } catch (error) {
    await opened.close().catch(() => undefined);
    throw error;
  }
}

async function furnish(parts: SuiteOptions, opened: AsyncStack): Promise<Bench> {
  const [runtime, otherRuntime] = [newRuntime(), newRuntime()];
  const secret = `cn+${randomBytes(6).toString("hex")}/a=b&c~d`;
  const temporary = await temporaryDirectory();
  opened.defer(() => temporary.remove());
  const directory = temporary.path;
  const place = (name: string): string => join(directory, "source", name);
  await mkdir(place("home"), { recursive: true });
  await mkdir(place("tmp"));
  await mkdir(join(directory, "upstream"));

  const real = (parts.engine ?? createMemoryEngine)();
  opened.defer(() => real.close());
  const doors = createDoors();
  opened.defer(() => doors.close());
  const engine = watchEngine(real);
  const platform = defaultPlatform;
  const store = parts.images?.(real) ?? engineImages(real, platform);
  const upstream = await startUpstream(parts.upstream, {
    runtime,
    platform,
    secret,
    directory: join(directory, "upstream"),
    engine: real,
    door: (address) => doors.open(address),
  });
  opened.defer(() => upstream.stop());

  const plugin = typeof parts.source === "function" ? undefined : parts.source;
  // It starts without any secrets: a source that prints one has to register it first.
  const mask = createMask();
  const texts = collectTexts();
  const env = {
    PATH: process.env.PATH,
    HOME: place("home"),
    TMPDIR: place("tmp"),
    MOLECULE_IMAGE_REGISTRY: upstream.registry,
    ...upstream.env,
  };
  const services: SourceServices = Object.freeze({
    env,
    registry: resolveRegistrySource(env),
    platform,
    store: (parts.store ?? createTestStore)(place("cache")),
    engine: engine.engine,
    connectEngine: () => engine.engine,
    credentials: noCredentials,
    registryClient: parts.registryClient ?? refusingRegistryClient,
    fetch,
    run: watchRun(parts.run ?? refusingRun, parts.makesImage ?? (() => false), engine),
    clock: systemClock,
    log: texts.log,
    mask,
  });
  let options: unknown;
  const another = (given = services): ImageSource =>
    typeof parts.source === "function" ? parts.source(options, given) : parts.source.create(options, given);
  const { source, publish } = await configuredSource(upstream, async (written) => {
    options = await acceptedOptions(plugin, written ?? {});
    return another();
  });

  async function images(): Promise<ReadonlyMap<string, string>> {
    const own = (await store.list()).filter(
      ({ name }) => name.includes(runtime) || name.includes(otherRuntime),
    );
    return new Map(own.map(({ name, imageId }) => [name, imageId]));
  }

  const bench: Bench = {
    runtime,
    otherRuntime,
    source,
    plugin,
    services,
    upstream: { publish, impostor: upstream.impostor },
    secret,
    directory: join(directory, "source"),
    mask,
    doors,
    engine,
    texts,
    images,
    store,
    canBreak: (fault) => upstream.hasFault(fault) || doors.isUsed,
    async breakUpstream(fault, weather) {
      if (upstream.hasFault(fault)) {
        const endFault = await upstream.startFault(fault);
        // Most laws do not end the fault themselves.
        opened.defer(endFault);
        return endFault;
      }
      if (!doors.isUsed)
        throw new SkippedLaw(`the upstream has no \`faults.${fault}\`, and is not behind \`world.door\``);
      doors.weather = weather;
      return async () => {
        doors.weather = "fair";
      };
    },
    another,
    call: (callOptions = {}) => watchCall({ log: texts.log, hear: texts.hear, ...callOptions }),
    async ready(version) {
      await publish(runtime, version);
      const resolution = await source.resolve(runtime, bench.call());
      const { built = false, ...image } = await source.provide(resolution, undefined, bench.call());
      return { resolution, image, built };
    },
    async close() {
      try {
        for (const name of (await images()).keys()) await store.remove(name);
      } finally {
        await opened.close();
      }
    },
  };
  return bench;
}

/** The options in the form in which the host passes them. */
async function acceptedOptions(plugin: Bench["plugin"], written: unknown): Promise<unknown> {
  if (plugin?.options === undefined) return written;
  const result = await plugin.options["~standard"].validate(written);
  const problems = result.issues?.map(({ message }) => message).join("; ");
  assert.equal(
    problems,
    undefined,
    `the plugin's schema rejects the \`options\` of the upstream: ${problems ?? ""}`,
  );
  return "value" in result ? result.value : undefined;
}
