import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import { describeWithEngine } from "@molecule/test-fixtures";
import { helloTemplate, startFakeEngine } from "@molecule/testkit";
import { noEngine, openWorld, type World } from "./command-world.test.support.js";

const token = "tok-en/with+odd=signs&more";

describeWithEngine({ describe, test }, "molecule-image list", ({ address }) => {
  test("lists built images, newest first, with platform, size and revision", async () => {
    const world = await openWorld(address);
    const hermes = await world.forge.addTemplate("hermes", helloTemplate());
    const made = await world.json(["ensure", "hermes"]);
    const image = made.answer.results?.[0]?.image;
    const { status, answer } = await world.json(["list"]);
    expect(status).toBe(0);
    expect(Object.keys(answer)).toEqual(["images"]);
    expect(answer.images).toContainEqual(
      expect.objectContaining({
        runtime: "hermes",
        reference: image?.["reference"],
        imageId: image?.["imageId"],
        revision: hermes,
        platform: "linux/amd64",
        source: expect.stringContaining(world.forge.baseUrl),
        sizeBytes: expect.any(Number),
        createdAt: expect.stringMatching(/^20\d\d-.*Z$/),
      }),
    );
    const plain = await world.run(["list"]);
    expect(plain).toMatchObject({ status: 0, stderr: "" });
    const line = plain.stdout.split("\n").find((one) => one.includes(String(image?.["reference"])));
    expect(line).toMatch(new RegExp(`${hermes.slice(0, 12)}  linux/amd64  [\\d.]+ MB  0 min$`));

    const engine = createDockerEngine(() =>
      findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }),
    );
    const second = `molecule-local/workspace-template-hermes:by-hand--${world.isolation}`;
    await engine.tagImage(String(image?.["imageId"]), second);
    await engine.close();
    const two = (await world.run(["list"])).stdout.split("\n").filter((one) => one.includes(world.isolation));
    expect(two).toHaveLength(1);
    for (const imageRef of [second, String(image?.["reference"])]) expect(two[0]).toContain(`${imageRef} `);
    expect(two[0]).not.toContain(":latest");
    await world.close();
  });

  test("marks an image that was tagged in the future", async () => {
    const created = 4_000_000_000;
    const image = {
      Id: `sha256:${"a".repeat(64)}`,
      RepoTags: null,
      RepoDigests: null,
      Size: 1,
      Created: created,
    };
    const labels = { "molecule.image.runtime": "codex" };
    const fake = await startFakeEngine((request, response) => {
      const one = {
        ...image,
        Labels: labels,
        Config: { Labels: labels },
        Os: "linux",
        Architecture: "amd64",
      };
      const isLabelled = request.url?.includes("molecule.image.runtime") === true;
      const list = request.url?.includes("/images/json") === true;
      response.end(JSON.stringify(list ? (isLabelled ? [one] : []) : one));
    });
    const world = await openWorld(noEngine);
    const { status, stdout } = await world.run(["list"], { DOCKER_HOST: fake.address });
    expect([status, stdout]).toEqual([0, `${image.Id}  -  linux/amd64  0.0 MB  in the future\n`]);
    await world.close();
    await fake.stop();
  });
});

describe("molecule-image sources", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(noEngine);
  });
  afterAll(() => world.close());

  test("lists sources and shows which one is selected, and why", async () => {
    const local = (await world.json(["sources"])).answer.sources ?? [];
    const manifest = await readFile(fileURLToPath(new URL("../../package.json", import.meta.url)), "utf8");
    const { version } = JSON.parse(manifest) as { version: string };
    expect(local.map(({ name, modes, selected }) => [name, modes, selected])).toEqual([
      ["registry-pull", ["registry"], false],
      ["gitea-local-build", ["local"], true],
      ["podman", ["local"], false],
      ["buildah", ["local"], false],
      ["buildkit", ["local"], false],
    ]);
    for (const source of local) {
      expect(Object.keys(source).sort()).toEqual([
        "apiVersion",
        "because",
        "error",
        "modes",
        "name",
        "place",
        "selected",
        "version",
      ]);
      // A shipped plugin needs no version of its own; one that has a version states the command's.
      expect([null, version]).toContain(source["version"]);
    }
    const registry =
      (await world.json(["sources"], { MOLECULE_IMAGE_REGISTRY: "r.example.com" })).answer.sources ?? [];
    expect(registry.map(({ name, selected, because }) => [name, selected, because])).toEqual([
      ["registry-pull", true, expect.stringContaining("MOLECULE_IMAGE_REGISTRY is set")],
      ["gitea-local-build", false, null],
      ["podman", false, null],
      ["buildah", false, null],
      ["buildkit", false, null],
    ]);
    const plain = await world.run(["sources"]);
    expect(plain).toMatchObject({ status: 0, stderr: "" });
    expect(plain.stdout).toContain("* gitea-local-build");
  });
});

describe("molecule-image sources, with unusable plugins", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(noEngine);
  });
  afterAll(() => world.close());

  test("lists each with its reason, along with every usable one; the first failure sets the status", async () => {
    await world.write("broken.mjs", "throw new TypeError('kaputt');\n");
    await world.write(
      "fine.mjs",
      'export default { name: "fine", apiVersion: 1, modes: ["local"], create() {} };\n',
    );
    const plugins = ["./missing.mjs", "./broken.mjs", "./fine.mjs"];
    const config = await world.write("own.json", JSON.stringify({ sources: { local: "fine" }, plugins }));

    const { status, answer } = await world.json(["sources", "--config", config]);

    expect(status).toBe(2);
    const of = (name: string) => answer.sources?.find((source) => source["name"] === name);
    expect(answer.sources?.map(({ name }) => name)).toEqual([
      "registry-pull",
      "gitea-local-build",
      "podman",
      "buildah",
      "buildkit",
      "fine",
      "./missing.mjs",
      "./broken.mjs",
    ]);
    expect(of("fine")).toMatchObject({ selected: true, error: null, apiVersion: 1 });
    expect(of("./missing.mjs")).toMatchObject({
      ...{ version: null, place: null, apiVersion: null, modes: [], selected: false },
      error: { code: "PLUGIN_NOT_FOUND" },
    });
    expect(of("./broken.mjs")?.["error"]).toMatchObject({
      code: "PLUGIN_BROKEN",
      message: expect.stringContaining("TypeError: kaputt"),
    });
    const plain = await world.run(["sources", "--config", config]);
    expect(plain).toMatchObject({ status: 2, stderr: "" });
    expect(plain.stdout).toContain("* fine");
    expect(plain.stdout).toMatch(
      / {2}\.\/missing\.mjs \(cannot be used: .* \[PLUGIN_NOT_FOUND\]\)\n {4}hint: /,
    );
    // A command that needs an image still fails.
    expect((await world.json(["ensure", "hermes", "--config", config])).answer.error).toMatchObject({
      code: "PLUGIN_NOT_FOUND",
    });
    expect((await world.json(["config", "--config", config])).status).toBe(0);
  });

  test("reports a missing source as selected", async () => {
    const config = await world.write("gone.json", JSON.stringify({ sources: { local: "kaniko" } }));
    const { status, answer } = await world.json(["sources", "--config", config]);
    expect(status).toBe(2);
    expect(answer.sources?.at(-1)).toMatchObject({
      name: "kaniko",
      selected: true,
      because: expect.stringContaining("sources.local is kaniko"),
      error: { code: "PLUGIN_NOT_FOUND" },
    });
  });
});

describe("molecule-image config", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(noEngine);
    await mkdir(join(world.home, ".config", "molecule"), { recursive: true });
    await writeFile(join(world.home, ".config", "molecule", "config.yaml"), "timeout: 7m\n");
    await world.write(".moleculerc", JSON.stringify({ runtimes: { add: ["my-agent"] } }));
  });
  afterAll(() => world.close());

  test("prints every value and its origin", async () => {
    const { status, answer } = await world.json(["config", "--platform", "linux/arm64"]);
    expect(status).toBe(0);
    const of = (path: string): unknown => answer.values?.find((value) => value.path === path);
    expect(of("timeout")).toEqual({
      path: "timeout",
      value: "7m",
      origin: join(world.home, ".config/molecule/config.yaml"),
    });
    expect(of("runtimes.add")).toEqual({
      path: "runtimes.add",
      value: ["my-agent"],
      origin: join(world.cwd, ".moleculerc"),
    });
    expect(of("cacheDir")).toEqual({
      path: "cacheDir",
      value: world.cache,
      origin: "variable MOLECULE_LOCAL_BUILD_CACHE",
    });
    expect(of("engine")).toEqual({ path: "engine", value: noEngine, origin: "variable DOCKER_HOST" });
    expect(of("platform")).toEqual({ path: "platform", value: "linux/arm64", origin: "flag --platform" });
    expect(of("stallAfter")).toEqual({ path: "stallAfter", value: "4m", origin: "default" });
    const plain = await world.run(["config"]);
    expect(plain).toMatchObject({ status: 0, stderr: "" });
    expect(plain.stdout).toContain(`timeout = "7m"  (${join(world.home, ".config/molecule/config.yaml")})\n`);
  });

  test("shows no token, wherever it is set", async () => {
    const file = await world.write(
      "own.json",
      JSON.stringify({ options: { "gitea-local-build": { buildArgs: { A: token } } } }),
    );
    for (const args of [["config"], ["config", "--json"]]) {
      const { status, stdout, stderr } = await world.run([...args, "--config", file], {
        MOLECULE_GITEA_TOKEN: token,
        DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { "r.example.com": { auth: "b2RkPXNpZ25z" } } }),
        HTTPS_PROXY: "http://me:odd=signs-too@proxy.example.com:3128",
      });
      expect(stdout).not.toContain("b2RkPXNpZ25z");
      expect(stdout).toContain("proxy.example.com:3128");
      expect(status).toBe(0);
      expect(stdout).toContain("***");
      for (const text of [stdout, stderr]) expect(text).not.toContain("odd=signs");
    }
  });
});
