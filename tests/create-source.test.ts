import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { npmInstall, strangerProject, type Manifest, type StrangerProject } from "./stranger-project.js";

/*
 * `npm create molecule-source NAME` as a user runs it: the package and the project that it creates, all from tarballs.
 */

let project: StrangerProject;
beforeAll(async () => {
  project = await strangerProject();
  const { "create-molecule-source": create = "" } = project.packed;
  await project.install({ devDependencies: { "create-molecule-source": create } });
}, 240_000);
afterAll(() => project.remove());

test("the created project compiles, and its conformance suite passes", async () => {
  // Creating it needs no network: there is no proxy on that port.
  await project.run("npm", ["create", "molecule-source", "mine"], {
    HTTPS_PROXY: "http://127.0.0.1:9",
    HTTP_PROXY: "http://127.0.0.1:9",
  });

  const directory = "molecule-source-mine";
  const made = JSON.parse(await readFile(join(project.path, directory, "package.json"), "utf8")) as Manifest;
  const ours = Object.entries(project.packed).filter(([name]) => name in (made.devDependencies ?? {}));
  expect(ours.map(([name]) => name).sort()).toEqual(["@molecule/core", "@molecule/testkit"]);
  // The tarballs replace the versions that package.json asks for, as writing-a-source.md describes.
  const tarballs = ours.map(([, tarball]) => tarball);
  await project.run("npm", ["--prefix", directory, ...npmInstall, "--save-dev", ...tarballs]);

  const output = await project.run("npm", ["--prefix", directory, "test"]);
  expect(output).toMatch(/^# pass 43$/m);
  expect(output).toMatch(/^# fail 0$/m);
  await access(join(project.path, directory, "dist", "index.d.ts"));
}, 240_000);
