import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll } from "@jest/globals";
import {
  createMask,
  createSpine,
  defaultPlatform,
  noCredentials,
  parseRuntimeName,
  silentLog,
  type Clock,
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
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import { temporaryDirectory, type TemporaryDirectory } from "@molecule/test-fixtures";
import {
  startForge,
  type Forge,
  type ForgeOptions,
  type TemplateFiles,
  type TemplateOptions,
} from "@molecule/testkit";
import plugin from "./index.js";

export const token = "s3cret-t0ken+for/tests";

export const clock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds);
    return () => {
      clearTimeout(timer);
    };
  },
};

export interface ProviderSettings {
  readonly env?: Readonly<Record<string, string>>;
  readonly platform?: Platform | undefined;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly builder?: "classic" | "buildkit";
  /** Of registries. */
  readonly credentials?: RegistryCredentials;
  readonly log?: Log;
}

/** The source with everything around it real: a forge, an engine, git, a cache. One for a file of tests. */
export interface World {
  readonly forge: Forge;
  readonly engine: ContainerEngine;
  readonly cacheDir: string;
  /** The requests for a build so far, of all providers. */
  readonly builds: readonly { readonly noCache: boolean; readonly pullBases: boolean }[];
  /** Makes a template for a runtime of a name that no other test has. */
  addTemplate(
    files: TemplateFiles,
    options?: TemplateOptions,
  ): Promise<{ readonly runtime: string; readonly commit: string }>;
  provider(settings?: ProviderSettings): ImageProvider;
  /** The arguments of every git that was started so far. */
  gitRuns(): Promise<string[]>;
  /** Runs a container of the image to its end and returns what it printed. An ID alone is for the default platform. */
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
    if (temporary === undefined) throw new TypeError("the directory is there only inside of tests");
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
      if (forge === undefined) throw new TypeError("the forge is there only inside of tests");
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
        fetch: globalThis.fetch,
        run: () => Promise.reject(new Error("this source runs nothing but git")),
        clock,
        log,
        mask,
      };
      const checked = plugin.options?.["~standard"].validate({
        repoPrefix: world.forge.repoPrefix(),
        ...options,
      });
      if (checked === undefined || !("value" in checked)) throw new TypeError("the options are wrong");
      const provider = createSpine({
        source: plugin.create(checked.value, services),
        selection: { source: plugin.name, mode: "local", because: "a test" },
        registry,
        runtimes,
        timeoutMs: 50_000,
        mask,
        clock,
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
        ? runContainer(engine, { imageId: image, platform: defaultPlatform }, args)
        : runContainer(engine, image, args),
    reference: (runtime, tag) => `molecule-local/workspace-template-${runtime}:${tag}`,
  };
  return world;
}

/** A `git` for the front of PATH that writes down its arguments. */
async function writeGitRecorder(directory: string, log: string): Promise<void> {
  await mkdir(directory);
  const program = join(directory, "git");
  // In one piece: several of them run at once.
  const script = `#!/bin/sh\nprintf '%s\\n' "$*" >> '${log}'\nPATH=\${PATH#'${directory}:'} exec git "$@"\n`;
  await writeFile(program, script);
  await chmod(program, 0o755);
}

async function runContainer(
  engine: ContainerEngine,
  { imageId, platform }: Pick<EnsuredImage, "imageId" | "platform">,
  args?: readonly string[],
): Promise<string> {
  const { id } = await engine.createContainer({
    name: undefined,
    imageId,
    platform,
    env: {},
    args,
    labels: {},
    autoRemove: false,
  });
  try {
    const output = await engine.attachContainer(id);
    output.stderr.resume();
    await engine.startContainer(id);
    const printed = await text(output.stdout);
    await engine.waitContainer(id);
    return printed;
  } finally {
    await engine.removeContainer(id, { force: true });
  }
}
