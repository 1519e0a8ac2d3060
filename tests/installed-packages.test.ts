import { readdir, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { npmInstall, strangerProject, type StrangerProject } from "./stranger-project.js";

/*
 * The packages as npm installs them, and how large they are. The command is installed from its tarball alone, globally:
 * it needs no other package, and no network. The libraries also install packages of the npm registry.
 */

const offline = { HTTPS_PROXY: "http://127.0.0.1:9", HTTP_PROXY: "http://127.0.0.1:9" };

let project: StrangerProject;
let tarball: string;
beforeAll(async () => {
  project = await strangerProject();
  tarball = (project.packed["@molecule/cli"] ?? "").slice("file:".length);
}, 240_000);
afterAll(() => project.remove());

/** Returns the space on disk, in bytes, as `du` measures it. */
async function sizeOf(directory: string): Promise<number> {
  const files = await readdir(directory, { recursive: true, withFileTypes: true });
  const sizes = files
    .filter((entry) => entry.isFile())
    .map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).blocks * 512);
  return (await Promise.all(sizes)).reduce((total, size) => total + size, 0);
}

describe("npm install -g with the tarball of the command", () => {
  const command = join("global", "bin", "molecule-image");
  beforeAll(async () => {
    await project.run("npm", [...npmInstall, "--global", "--prefix", "global", tarball], offline);
  }, 240_000);

  test("installs one package of less than 15 MB, without scripts", async () => {
    const modules = join(project.path, "global", "lib", "node_modules");
    expect(await readdir(modules)).toEqual(["@molecule"]);
    expect(await readdir(join(modules, "@molecule"))).toEqual(["cli"]);
    expect(await sizeOf(modules)).toBeLessThan(15_000_000);
    const manifest = await project.run("tar", ["-xOzf", tarball, "package/package.json"]);
    expect(JSON.parse(manifest)).not.toHaveProperty("dependencies");
    expect(manifest).not.toMatch(/"(?:pre|post)?install"/);
  });

  test("includes the license of each bundled package", async () => {
    const text = await project.run("tar", ["-xOzf", tarball, "package/bundle/licenses.txt"]);
    for (const name of ["commander", "dockerode", "simple-git", "tsyringe", "winston"])
      expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\([\\w.-]+\\)$`, "m"));
  });

  test("has every shipped source", async () => {
    const output = await project.run(command, ["sources"], offline);
    for (const name of ["registry-pull", "gitea-local-build", "podman", "buildah", "buildkit"])
      expect(output).toMatch(new RegExp(`^[* ] ${name} .*; built in\\)$`, "m"));
  });

  test("reads YAML, logs, and runs the plugin of a configuration file, whose errors it recognises", async () => {
    // The plugin has its own copy of core, as it would in a project.
    const { "@molecule/core": core = "" } = project.packed;
    await project.install({ dependencies: { "@molecule/core": core } });
    await project.write(
      "plugin.mjs",
      `import { definePlugin, ImageSourceError } from "@molecule/core";
const failing = async () => {
  throw new ImageSourceError({ code: "SOURCE_DENIED", message: "the shelf is locked", hint: "Unlock it." });
};
export default definePlugin({
  name: "shelf", apiVersion: 1, modes: ["local"],
  create: () => ({ name: "shelf", resolve: failing, find: failing, provide: failing }),
});
`,
    );
    await project.write("shelf.yaml", "sources: { local: shelf }\nplugins: [./plugin.mjs]\n");
    const args = ["plan", "hermes", "--config", "shelf.yaml", "--json", "--log-level", "debug"];
    const env = { ...offline, MOLECULE_IMAGE_REGISTRI: "a misspelt variable" };
    const failure: unknown = await project.run(command, args, env).catch((error: unknown) => error);
    expect(String(failure)).toContain(
      '"code":"SOURCE_DENIED","message":"the shelf is locked","hint":"Unlock it."',
    );
    expect(String(failure)).toContain('"level":"warn"');
    expect(String(failure)).toMatch(/at .* \(molecule-image\/bundle\/main\.cjs:\d+:\d+\)/);
  });
});

describe("npm install with the tarballs of core, engine and host", () => {
  beforeAll(async () => {
    const names = ["core", "node-edges", "engine", "host"].map((name) => `@molecule/${name}`);
    const dependencies = Object.fromEntries(names.map((name) => [name, project.packed[name] ?? ""]));
    await project.install({ dependencies });
  }, 240_000);

  test("takes less than 20 MB, without dockerode", async () => {
    const modules = join(project.path, "node_modules");
    expect(await readdir(modules)).not.toContain("dockerode");
    expect(await sizeOf(modules)).toBeLessThan(20_000_000);
  });

  test("a build with a classic builder reports that dockerode is missing", async () => {
    const build = await project.write(
      "build.mjs",
      `import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
const env = { DOCKER_HOST: "tcp://127.0.0.1:9" };
const engine = createDockerEngine(() => findEngineEndpoint({ env, home: "/nonexistent" }), { builder: "classic" });
const report = { update: () => {}, line: () => {} };
const request = { labels: {}, buildArgs: {}, noCache: false, pullBases: false, platform: "linux/amd64", report };
await engine.buildImage(request).catch(({ code, hint }) => console.log(code, hint));
`,
    );
    expect(await project.run(process.execPath, [build])).toMatch(/^TOOL_MISSING .*npm install dockerode/);
  });
});

test("npx runs the tarball", async () => {
  const output = await project.run(
    "npx",
    ["--yes", "--offline", relative(project.path, tarball), "--version"],
    offline,
  );
  expect(output).toMatch(/^\d+\.\d+\.\d+\n$/);
});
