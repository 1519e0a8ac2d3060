import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { SourcePlugin } from "@molecule/core";
import { loadSettings } from "@molecule/host";
import buildah from "@molecule/source-buildah";
import buildkit from "@molecule/source-buildkit";
import giteaLocalBuild from "@molecule/source-gitea-local-build";
import podman from "@molecule/source-podman";
import registryPull from "@molecule/source-registry-pull";
import { placeOf, snippets } from "./snippets.js";

/*
 * Every configuration in the documents is valid for the command. A JSON or YAML block that is not a configuration has a
 * word after its language: `json output`.
 */

// The one from docs/extending/writing-a-source.md; it is compiled in a separate project, so not from here.
const minimalSource = "../../examples/minimal-source/src/index.js";
const { default: archive } = (await import(minimalSource)) as { default: SourcePlugin };
const plugins = [registryPull, giteaLocalBuild, podman, buildah, buildkit, archive];
const blocks = snippets("yaml", "json").filter(({ note }) => note === "");

test("there are configurations to check", () => {
  expect(blocks.map(({ file }) => file)).toContain("docs/operating/configuration.md");
});

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "molecule-docs-"));
});
afterEach(() => rm(directory, { recursive: true }));

test.each(blocks.map((block) => [placeOf(block), block] as const))(
  "the configuration at %s is valid",
  async (_place, { language, code }) => {
    const configFile = join(directory, `config.${language}`);
    // The values that the skeleton for sources inserts when it creates its documents.
    await writeFile(configFile, code.replaceAll("__NAME__", "mine"));

    await loadSettings({ cwd: directory, env: {}, home: directory, configFile, plugins });
  },
);
