import "reflect-metadata";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import {
  definePlugin,
  silentLog,
  tokens,
  type ContainerEngine,
  type Env,
  type ImageSource,
  type Log,
  type SourcePlugin,
  type SourceServices,
} from "@molecule/core";
import { container as root } from "tsyringe";
import { z } from "zod";
import { createImageProvider } from "./create-image-provider.js";
import type { HostOptions } from "./contract/host.js";
import { openHost } from "./open-host.js";
import { temporaryTree, type TemporaryTree } from "@molecule/test-fixtures";

let tree: TemporaryTree;
let seen: { options: unknown; services: SourceServices }[];

beforeEach(async () => {
  seen = [];
  tree = await temporaryTree({ "home/p/": "" });
});
afterEach(() => tree.remove());

/** Returns one image, and records its services. */
function plugin(name: string, members: Partial<SourcePlugin> = {}): SourcePlugin {
  const platform = "linux/amd64" as never;
  const image = {
    reference: `${name}:latest`,
    imageId: `sha256:${"a".repeat(64)}`,
    digest: null,
    revision: null,
    platform,
    buildKey: null,
    engine: null,
  };
  return definePlugin<unknown>({
    name,
    apiVersion: 1,
    modes: ["local", "registry"],
    create: (options, services): ImageSource => {
      seen.push({ options, services });
      return {
        name,
        resolve: (runtime) => Promise.resolve({ ...image, runtime }),
        find: () => Promise.resolve({ hit: true, image }),
        provide: () => Promise.resolve(image),
      };
    },
    ...members,
  });
}

const shipped = [plugin("registry-pull"), plugin("gitea-local-build")];

function options(more: Partial<HostOptions> = {}): HostOptions {
  return { cwd: tree.path("home/p"), env: {}, home: tree.path("home"), plugins: shipped, ...more };
}

const settled = (promise: Promise<unknown>): Promise<unknown> => promise.catch((caught: unknown) => caught);
const userFile = "home/.config/molecule/config.yaml";

describe("selection", () => {
  test.each<[Env, string, string]>([
    [{}, "gitea-local-build", "local"],
    [{ MOLECULE_IMAGE_REGISTRY: "" }, "gitea-local-build", "local"],
    [{ MOLECULE_IMAGE_REGISTRY: "r.example/acme" }, "registry-pull", "registry"],
  ])("%j selects %s", async (env, source, mode) => {
    const images = await createImageProvider(options({ env }));
    expect(images.selection).toMatchObject({ source, mode });
    expect(await images.ensure("hermes")).toMatchObject({
      source,
      reference: `${source}:latest`,
      cached: true,
    });
    await images.close();
  });

  test("states the variable and the setting that chose the source", async () => {
    await tree.write({ [userFile]: "sources: { local: mine }\n" });
    const { selection } = await openHost(options({ plugins: [...shipped, plugin("mine")] }));
    expect(selection.because).toContain("MOLECULE_IMAGE_REGISTRY is not set");
    expect(selection.because).toContain(tree.path(userFile));
  });

  test("opens the host with an invalid registry, and rejects when an image is requested", async () => {
    const host = await openHost(options({ env: { MOLECULE_IMAGE_REGISTRY: " http://x/@ " } }));
    expect(host.settings.values().length).toBeGreaterThan(0);
    expect((await host.sources()).find(({ selected }) => selected)?.name).toBe("registry-pull");
    const images = await host.createProvider();
    await expect(images.ensure("no-such-runtime")).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    await images.close();
  });

  test("rejects a source that does not serve the mode", async () => {
    const plugins = [plugin("gitea-local-build", { modes: ["registry"] })];
    await expect(createImageProvider(options({ plugins }))).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });

  test("rejects a source without a plugin when an image is requested, and never substitutes another", async () => {
    const plugins = [plugin("registry-pull")];
    const host = await openHost(options({ plugins }));
    expect((await host.sources()).some(({ selected }) => selected)).toBe(false);
    await expect(host.createProvider()).rejects.toMatchObject({ code: "PLUGIN_NOT_FOUND" });
    await host.close();
  });
});

describe("plugins", () => {
  const text = (name: string): string =>
    `export default { name: "${name}", apiVersion: 1, modes: ["local"], version: "4.5.6", create: () => ({ name: "${name}" }) };`;

  test("a later given plugin replaces an earlier one of the same name", async () => {
    const plugins = [...shipped, plugin("gitea-local-build", { version: "mine" })];
    expect(await (await openHost(options({ plugins }))).sources()).toEqual([
      expect.objectContaining({ name: "registry-pull", version: null, selected: false, because: null }),
      expect.objectContaining({
        name: "gitea-local-build",
        version: "mine",
        selected: true,
        because: expect.any(String),
      }),
    ]);
  });

  test("lists configured plugins with version and location, and resolves a bare name from their file", async () => {
    const modules = "home/.config/molecule/node_modules/molecule-source-kaniko";
    await tree.write({
      [userFile]: "plugins: [./mine.mjs]\nsources: { local: kaniko }\noptions: { mine: {}, podman: {} }\n",
      "home/.config/molecule/mine.mjs": text("mine"),
      [`${modules}/package.json`]: '{ "exports": "./x.mjs" }',
      [`${modules}/x.mjs`]: text("kaniko"),
    });
    const entries = await (await openHost(options())).sources();
    expect(entries.map(({ name }) => name)).toEqual(["registry-pull", "gitea-local-build", "mine", "kaniko"]);
    expect(entries[2]).toMatchObject({
      version: "4.5.6",
      place: tree.path("home/.config/molecule/mine.mjs"),
      apiVersion: 1,
      modes: ["local"],
    });
    expect(entries[3]).toMatchObject({ selected: true });
  });

  test("rejects two plugins of one name, and names both", async () => {
    const place = (file: string): string => `home/.config/molecule/${file}`;
    await tree.write({
      [userFile]: "plugins: [./x.mjs, ./y.mjs]",
      [place("x.mjs")]: text("mine"),
      [place("y.mjs")]: text("mine"),
    });
    const host = await openHost(options());
    expect((await host.sources()).map(({ name, error }) => [name, error?.code])).toEqual([
      ["registry-pull", undefined],
      ["gitea-local-build", undefined],
      ["mine", undefined],
      ["./y.mjs", "PLUGIN_INVALID"],
    ]);
    await expect(host.createProvider()).rejects.toMatchObject({
      code: "PLUGIN_INVALID",
      message: `two source plugins are named mine: ${tree.path(place("x.mjs"))} and ${tree.path(place("y.mjs"))}`,
    });
    await tree.write({ [userFile]: "plugins: [./z.mjs]", [place("z.mjs")]: text("registry-pull") });
    await expect(createImageProvider(options())).rejects.toMatchObject({
      code: "PLUGIN_INVALID",
      message: `two source plugins are named registry-pull: built in and ${tree.path(place("z.mjs"))}`,
    });
  });

  test("loads a plugin once that is named in two ways", async () => {
    await tree.write({
      [userFile]: "plugins: [./x.mjs, ./../molecule/x.mjs]",
      "home/.config/molecule/x.mjs": text("mine"),
    });
    const names = (await (await openHost(options())).sources()).map(({ name }) => name);
    expect(names).toEqual(["registry-pull", "gitea-local-build", "mine"]);
  });

  const verbs = { resolve: () => 0, find: () => 0, provide: () => 0 };
  test.each([
    [undefined, "it is undefined"],
    [7, "it is 7"],
    [{ ...verbs, name: "gitea-local-build", find: undefined }, "find is missing"],
    [{ ...verbs, name: "gitea-local-build", provide: 1 }, "provide is 1"],
    [{ ...verbs, name: "other" }, 'name is "other"'],
    [Promise.resolve(verbs), "it is a promise"],
  ])("rejects as invalid a plugin whose create returns no source: %p", async (source, shown) => {
    const plugins = [plugin("gitea-local-build", { create: () => source as never })];
    await expect(createImageProvider(options({ plugins }))).rejects.toMatchObject({
      code: "PLUGIN_INVALID",
      message: expect.stringContaining(shown),
    });
  });

  test("reports as broken a plugin whose create throws", async () => {
    const create = (): never => {
      throw new RangeError("kaputt");
    };
    const plugins = [plugin("gitea-local-build", { create })];
    await expect(createImageProvider(options({ plugins }))).rejects.toMatchObject({
      code: "PLUGIN_BROKEN",
      cause: expect.any(RangeError),
    });
  });
});

describe("options", () => {
  const schema = z.strictObject({
    colour: z.string().default("blue"),
    deep: z.strictObject({ size: z.number() }).optional(),
  });
  const mine = [...shipped, plugin("mine", { options: schema })];
  const configure = (text: string): Promise<void> =>
    tree.write({ [userFile]: `sources: { local: mine }\n${text}` });

  test("fills in defaults even if nothing is configured", async () => {
    await configure("");
    await createImageProvider(options({ plugins: mine }));
    expect(seen.at(-1)?.options).toEqual({ colour: "blue" });
  });

  test("names every problem, with the file and the path", async () => {
    await configure("options: { mine: { colour: 3, deep: { size: big } } }");
    const error = await settled(createImageProvider(options({ plugins: mine })));
    expect(error).toMatchObject({ code: "CONFIG_INVALID" });
    expect((error as Error).message).toContain(`${tree.path(userFile)}: options.mine.colour: `);
    expect((error as Error).message).toContain(`${tree.path(userFile)}: options.mine.deep.size: `);
  });

  test("rejects options for a source without a schema", async () => {
    await configure("options: { mine: { x: 1 } }");
    const error = await settled(createImageProvider(options({ plugins: [...shipped, plugin("mine")] })));
    expect(error).toMatchObject({ code: "CONFIG_INVALID", message: expect.stringContaining("options.mine") });
  });

  test("rejects an options key that no plugin has as unknown", async () => {
    await configure("options: { mien: { x: 1 } }");
    const error = await settled(openHost(options({ plugins: mine })));
    expect(error).toMatchObject({ code: "CONFIG_INVALID" });
    expect((error as Error).message).toContain(
      'options.mien: unknown key: no plugin has this name (did you mean "mine"?)',
    );
  });

  test("blames the plugin if its schema throws", async () => {
    const broken = {
      "~standard": {
        version: 1 as const,
        vendor: "x",
        validate: () => {
          throw new RangeError("x");
        },
      },
    };
    const plugins = [plugin("gitea-local-build", { options: broken })];
    await expect(createImageProvider(options({ plugins }))).rejects.toMatchObject({ code: "PLUGIN_BROKEN" });
  });
});

test("passes a source frozen services, made from the settings", async () => {
  const env = { MOLECULE_IMAGE_PLATFORM: "linux/arm64", MOLECULE_LOCAL_BUILD_CACHE: "/c" };
  await createImageProvider(options({ env }));
  const services = seen.at(-1)?.services;
  expect(services).toMatchObject({
    env,
    platform: "linux/arm64",
    store: { directory: "/c" },
    registry: { mode: "local" },
  });
  expect(Object.isFrozen(services)).toBe(true);
});

describe("the application's container", () => {
  const engine = {
    close: () => Promise.reject(new Error("not the host's to close")),
  } as unknown as ContainerEngine;

  test.each(["engine", "fetch", "run", "clock"] as const)("replaces %s", async (name) => {
    const own =
      name === "engine"
        ? engine
        : name === "clock"
          ? { monotonicMs: () => 0, wallMs: () => 0, after: () => () => undefined }
          : () => undefined;
    const container = root.createChildContainer();
    container.register(tokens[name], { useFactory: () => own });
    const images = await createImageProvider(options({ container }));
    expect(seen.at(-1)?.services[name]).toBe(own);
    expect(images.container.resolve(tokens[name])).toBe(own);
    await images.close();
  });

  test("is unchanged; a child of it gets the provider, the source and every service", async () => {
    const container = root.createChildContainer();
    const images = await createImageProvider(options({ container }));
    expect(images.container.resolve(tokens.imageProvider)).toBe(images);
    expect(images.container.resolve<ImageSource>(tokens.imageSource).name).toBe("gitea-local-build");
    for (const token of Object.values(tokens)) {
      expect(images.container.isRegistered(token)).toBe(true);
      expect(container.isRegistered(token, true)).toBe(false);
    }
    await images.close();
  });

  test("must not return a promise, which nothing would await", async () => {
    const container = root.createChildContainer();
    container.register(tokens.engine, { useFactory: () => Promise.resolve(engine) });
    await expect(createImageProvider(options({ container }))).rejects.toThrow(TypeError);
  });

  test("is optional: the host creates its own", async () => {
    const images = await createImageProvider(options());
    const another = await createImageProvider(options());
    expect(images.container.resolve(tokens.imageProvider)).toBe(images);
    expect(another.container.resolve(tokens.imageProvider)).toBe(another);
    for (const token of Object.values(tokens)) expect(root.isRegistered(token)).toBe(false);
    await images.close();
    await another.close();
  });
});

describe("logs", () => {
  const secret = "t0ken-of-the-forge";
  function recorder(): { log: Log; lines: unknown[] } {
    const lines: unknown[] = [];
    return { lines, log: { ...silentLog, warn: (message, fields) => void lines.push({ message, fields }) } };
  }

  test.each(["logger", "container"] as const)(
    "go masked to the %s, each source under its name",
    async (way) => {
      const { log, lines } = recorder();
      const container = root.createChildContainer();
      if (way === "container") container.register(tokens.log, { useValue: log });
      const env = { MOLECULE_GITEA_TOKEN: secret, HTTPS_PROXY: "http://u:passw0rd-x@p:1" };
      const images = await createImageProvider(
        options({ env, container, logger: way === "logger" ? log : undefined }),
      );
      seen.at(-1)?.services.log.warn(`token ${secret}`, { proxy: env.HTTPS_PROXY });
      images.container.resolve<Log>(tokens.log).warn(secret);
      expect(lines).toEqual([
        { message: "token ***", fields: { source: "gitea-local-build", proxy: "http://u:***@p:1" } },
        { message: "***", fields: undefined },
      ]);
      await images.close();
    },
  );

  test("hide a secret that a source learns later", async () => {
    const { log, lines } = recorder();
    await createImageProvider(options({ logger: log }));
    const services = seen.at(-1)?.services;
    services?.mask.add("learnt-later");
    services?.log.warn("learnt-later");
    expect(lines).toMatchObject([{ message: "***" }]);
  });
});

test("include what every engine reports to the machine's owner", async () => {
  const said: unknown[] = [];
  const log: Log = { ...silentLog, warn: (message, fields) => said.push(message, fields) };
  const env = { DOCKER_HOST: "tcp://192.0.2.1:2375" };
  const host = await openHost(options({ env, logger: log }));
  await host.createProvider();
  const signal = AbortSignal.abort();
  await settled(host.engine.inspectImage("x", { signal }));
  await settled(
    seen[0]?.services.connectEngine("tcp://192.0.2.2", "a key").inspectImage("x", { signal }) ?? host.close(),
  );
  await host.close();

  expect(said).toEqual([
    expect.stringContaining("is not encrypted"),
    expect.objectContaining({ engine: "tcp://192.0.2.1:2375" }),
    expect.stringContaining("is not encrypted"),
    expect.objectContaining({ engine: "tcp://192.0.2.2:2375" }),
  ]);
});
