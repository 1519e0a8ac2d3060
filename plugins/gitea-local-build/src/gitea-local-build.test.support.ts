import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll } from "@jest/globals";
import {
  createMask,
  createSpine,
  defaultPlatform,
  noCredentials,
  parseRuntimeName,
  silentLog,
  systemClock,
  type ContainerEngine,
  type EnsuredImage,
  type ImageProvider,
  type Log,
  type Platform,
  type RegistryCredentials,
  type RuntimeName,
  type SourceServices,
} from "@molecule/core";
import { createStore } from "@molecule/node-edges";
import { createDockerEngine, createRegistryClient, findEngineEndpoint } from "@molecule/engine";
import { runImage, temporaryDirectory, type TemporaryDirectory } from "@molecule/test-fixtures";
import {
  startForge,
  type Forge,
  type ForgeOptions,
  type TemplateFiles,
  type TemplateOptions,
} from "@molecule/testkit";
import plugin from "./index.js";

export const token = "s3cret-t0ken+for/tests";

export interface ProviderSettings {
  readonly env?: Readonly<Record<string, string>>;
  readonly platform?: Platform | undefined;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly builder?: "classic" | "buildkit";
  /** Registry credentials. */
  readonly credentials?: RegistryCredentials;
  readonly log?: Log;
}

/** The source with a real forge, engine, git and cache. One per test file. */
export interface World {
  readonly forge: Forge;
  readonly engine: ContainerEngine;
  readonly cacheDir: string;
  /** The build requests of all providers so far. */
  readonly builds: readonly { readonly noCache: boolean; readonly pullBases: boolean }[];
  /** Adds a template for a runtime whose name no other test uses. */
  addTemplate(
    files: TemplateFiles,
    options?: TemplateOptions,
  ): Promise<{ readonly runtime: string; readonly commit: string }>;
  provider(settings?: ProviderSettings): ImageProvider;
  /** The arguments of every git command so far. */
  gitRuns(): Promise<string[]>;
  /** Runs a container to its end and returns its output. An ID without a platform means the default platform. */
  run(image: string | Pick<EnsuredImage, "imageId" | "platform">, args?: readonly string[]): Promise<string>;
  /** `molecule-local/workspace-template-<runtime>:<tag>`. */
  reference(runtime: string, tag: string): string;
}

export function useWorld(engineAddress: string, forgeOptions: ForgeOptions = {}): World {
  let forge: Forge | undefined;
  let temporary: TemporaryDirectory | undefined;
  const runtimes = new Set<RuntimeName>();
  const opened: (() => Promise<void>)[] = [];
  const builds: { noCache: boolean; pullBases: boolean }[] = [];

  const connect = (how: Pick<ProviderSettings, "builder" | "credentials">): ContainerEngine =>
    createDockerEngine(
      () => findEngineEndpoint({ env: { DOCKER_HOST: engineAddress }, home: "/nonexistent" }),
      how,
    );
  const engine = connect({});

  const below = (name: string): string => {
    if (temporary === undefined) throw new TypeError("the directory exists only during tests");
    return join(temporary.path, name);
  };
  beforeAll(async () => {
    temporary = await temporaryDirectory();
    forge = await startForge(forgeOptions);
    await writeGitRecorder(below("bin"), below("git.log"));
  });
  afterAll(async () => {
    for (const close of opened) await close();
    await engine.close();
    await forge?.stop();
    await temporary?.remove();
  });

  const world: World = {
    get forge() {
      if (forge === undefined) throw new TypeError("the forge exists only during tests");
      return forge;
    },
    get cacheDir() {
      return below("cache");
    },
    engine,
    builds,
    async addTemplate(files, options) {
      const runtime = parseRuntimeName(`t${randomBytes(5).toString("hex")}`);
      runtimes.add(runtime);
      return { runtime, commit: await world.forge.addTemplate(runtime, files, options) };
    },
    provider({ env = {}, options = {}, builder, log = silentLog, ...settings } = {}) {
      const { credentials = noCredentials } = settings;
      const real = connect(builder === undefined ? { credentials } : { builder, credentials });
      const counting: ContainerEngine = {
        ...real,
        buildImage: (request, call) => {
          builds.push({ noCache: request.noCache, pullBases: request.pullBases });
          return real.buildImage(request, call);
        },
      };
      const registry = { mode: "local", prefix: "molecule-local" } as const;
      const mask = createMask([token]);
      const services: SourceServices = {
        env: { PATH: [below("bin"), process.env.PATH].join(delimiter), ...env },
        registry,
        platform: "platform" in settings ? settings.platform : defaultPlatform,
        store: createStore({ directory: world.cacheDir, env }),
        engine: counting,
        credentials,
        connectEngine: () => {
          throw new Error("this source needs one engine");
        },
        registryClient: createRegistryClient({ fetch: globalThis.fetch, credentials }),
        fetch: globalThis.fetch,
        run: () => Promise.reject(new Error("this source runs nothing but git")),
        clock: systemClock,
        log,
        mask,
      };
      const checked = plugin.options?.["~standard"].validate({
        repoPrefix: world.forge.repoPrefix(),
        ...options,
      });
      if (checked === undefined || !("value" in checked)) throw new TypeError("invalid options");
      const provider = createSpine({
        source: plugin.create(checked.value, services),
        callOptions: plugin.callOptions,
        selection: { source: plugin.name, mode: "local", because: "a test" },
        registry,
        runtimes,
        timeoutMs: 50_000,
        mask,
        clock: systemClock,
        log,
        close: () => real.close(),
      });
      opened.push(() => provider.close());
      return provider;
    },
    gitRuns: async () => {
      const log = await readFile(below("git.log"), "utf8").catch(() => "");
      return log.split("\n").filter((line) => line !== "");
    },
    run: (image, args) =>
      typeof image === "string"
        ? runImage(engine, { imageId: image, platform: defaultPlatform }, args)
        : runImage(engine, image, args),
    reference: (runtime, tag) => `molecule-local/workspace-template-${runtime}:${tag}`,
  };
  return world;
}

/** Writes a `git` that records its arguments; put it first in PATH. */
async function writeGitRecorder(directory: string, log: string): Promise<void> {
  await mkdir(directory);
  const program = join(directory, "git");
  // One write, because several run concurrently.
  const script = `#!/bin/sh\nprintf '%s\\n' "$*" >> '${log}'\nPATH=\${PATH#'${directory}:'} exec git "$@"\n`;
  await writeFile(program, script);
  await chmod(program, 0o755);
}
