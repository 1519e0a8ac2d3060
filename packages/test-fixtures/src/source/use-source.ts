import { randomBytes } from "node:crypto";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll } from "@jest/globals";
import type { Env, ImageProvider, Log, SourcePlugin } from "@molecule/core";
import { startForge, type Forge, type TemplateFiles } from "@molecule/testkit";
import { temporaryDirectory, type TemporaryDirectory } from "@molecule/testkit/internal";

/** How a test opens the source. */
export interface OpenSource {
  readonly env?: Env;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly logger?: Log;
}

/** `createImageProvider` of the host. A test passes it, because this package also serves tests of what the host uses. */
export type CreateProvider<P extends ImageProvider> = (settings: {
  readonly cwd: string;
  readonly env: Env;
  readonly plugins: readonly SourcePlugin[];
  readonly config: string;
  readonly logger: Log | undefined;
}) => Promise<P>;

/** A forge and a home for one source. One for each file of tests. */
export interface SourceWorld<P extends ImageProvider> {
  readonly forge: Forge;
  /** Created and removed for this file. */
  readonly directory: string;
  /** Adds a template for a runtime whose name no other test uses. */
  addTemplate(files: TemplateFiles): Promise<{ readonly runtime: string; readonly commit: string }>;
  /** Returns the unfinished files of the runtime in the cache. */
  partialFiles(runtime: string): Promise<readonly string[]>;
  /** Opens the source as users do: through the host, selected by a configuration file. */
  open(source: OpenSource): Promise<P>;
}

/** Starts the forge before the tests of the file, and closes everything after them. */
export function useSource<P extends ImageProvider>(
  plugin: SourcePlugin,
  createProvider: CreateProvider<P>,
): SourceWorld<P> {
  let forge: Forge | undefined;
  let temporary: TemporaryDirectory | undefined;
  const runtimes: string[] = [];
  const opened: P[] = [];
  beforeAll(async () => {
    temporary = await temporaryDirectory();
    forge = await startForge();
  });
  afterAll(async () => {
    await Promise.all(opened.map((provider) => provider.close()));
    await forge?.stop();
    await temporary?.remove();
  });
  const inside = <T>(value: T | undefined): T => {
    if (value === undefined) throw new TypeError("available only inside tests");
    return value;
  };

  const world: SourceWorld<P> = {
    get forge() {
      return inside(forge);
    },
    get directory() {
      return inside(temporary).path;
    },
    async addTemplate(files) {
      const runtime = `t${randomBytes(5).toString("hex")}`;
      runtimes.push(runtime);
      return { runtime, commit: await world.forge.addTemplate(runtime, files) };
    },
    async partialFiles(runtime) {
      const names = await readdir(join(world.directory, "cache", runtime));
      return names.filter((name) => name.endsWith("partial"));
    },
    async open({ env = {}, options = {}, logger }) {
      const config = join(world.directory, `${randomBytes(5).toString("hex")}.json`);
      const sources = { local: plugin.name };
      const own = { [plugin.name]: { repoPrefix: world.forge.repoPrefix(), ...options } };
      await writeFile(config, JSON.stringify({ sources, runtimes: { add: runtimes }, options: own }));
      const provider = await createProvider({
        cwd: world.directory,
        env: {
          PATH: process.env.PATH,
          HOME: world.directory,
          MOLECULE_LOCAL_BUILD_CACHE: join(world.directory, "cache"),
          ...env,
        },
        plugins: [plugin],
        config,
        logger,
      });
      opened.push(provider);
      return provider;
    },
  };
  return world;
}
