import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { openHost } from "@molecule/host";
import giteaLocalBuild from "@molecule/source-gitea-local-build";
import registryPull from "@molecule/source-registry-pull";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "molecule-options-"));
});
afterEach(() => rm(directory, { recursive: true }));

test("reports unknown options of every shipped source, whichever is selected", async () => {
  const config = join(directory, "config.yaml");
  await writeFile(
    config,
    "timeuot: 5m\noptions: { gitea-local-build: { repoprefix: x, allowLfs: perhaps }, registry-pull: { pullpolicy: x } }\n",
  );
  const plugins = [registryPull, giteaLocalBuild];
  const opened = openHost({ cwd: directory, env: {}, home: directory, config, plugins });
  const error: unknown = await opened.catch((caught: unknown) => caught);

  expect(error).toMatchObject({ code: "CONFIG_INVALID" });
  for (const part of [
    "4 problems",
    'timeuot: unknown key (did you mean "timeout"?)',
    'options.gitea-local-build.repoprefix: unknown key (did you mean "repoPrefix"?)',
    "options.gitea-local-build.allowLfs: ",
    'options.registry-pull.pullpolicy: unknown key (did you mean "pullPolicy"?)',
  ]) {
    expect((error as Error).message).toContain(part);
  }
});
