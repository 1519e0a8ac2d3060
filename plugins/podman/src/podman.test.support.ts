import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll } from "@jest/globals";
import { isImageSourceError, type Env, type ImageSourceError, type Log } from "@molecule/core";
import { createImageProvider, type HostImageProvider } from "@molecule/host";
import {
  helloTemplate,
  startForge,
  temporaryDirectory,
  type Forge,
  type TemplateFiles,
  type TemporaryDirectory,
} from "@molecule/testkit";
import plugin from "./index.js";

export interface OpenSource {
  readonly env?: Env;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly logger?: Log;
}

/** What the source needs besides Podman. One for a file of tests. */
export interface World {
  readonly forge: Forge;
  /** Made and removed for this file. */
  readonly directory: string;
  /** Makes a template for a runtime of a name that no other test has. */
  addTemplate(files: TemplateFiles): Promise<{ readonly runtime: string; readonly commit: string }>;
  /** The source as users have it: through the host, chosen by a configuration file. */
  open(source: OpenSource): Promise<HostImageProvider>;
}

export function useWorld(): World {
  let forge: Forge | undefined;
  let temporary: TemporaryDirectory | undefined;
  const runtimes: string[] = [];
  const opened: HostImageProvider[] = [];
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
    if (value === undefined) throw new TypeError("it is there only inside of tests");
    return value;
  };

  const world: World = {
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
    async open({ env = {}, options = {}, logger }) {
      const config = join(world.directory, `${randomBytes(5).toString("hex")}.json`);
      const sources = { local: plugin.name };
      const own = { [plugin.name]: { repoPrefix: world.forge.repoPrefix(), ...options } };
      await writeFile(config, JSON.stringify({ sources, runtimes: { add: runtimes }, options: own }));
      const provider = await createImageProvider({
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

/** The error that the call ends with. */
export async function failureOf(call: Promise<unknown>): Promise<ImageSourceError> {
  try {
    await call;
  } catch (error) {
    if (isImageSourceError(error)) return error;
    throw error;
  }
  throw new Error("the call did not fail");
}

/** A template that has a shell, and these steps after it. */
export function templateWith(steps: string): TemplateFiles {
  const files = helloTemplate();
  if (typeof files["Dockerfile"] !== "string") throw new TypeError("the Dockerfile is no text");
  return { ...files, Dockerfile: `${files["Dockerfile"]}${steps}\n` };
}
