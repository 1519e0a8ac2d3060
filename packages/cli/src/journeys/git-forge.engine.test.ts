import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { describeWithEngine } from "@molecule/test-fixtures";
import { helloTemplate } from "@molecule/testkit";
import { openWorld, type World } from "./command-world.test.support.js";

const token = "tok-en/with+odd=signs&more";

describeWithEngine({ describe, test }, "templates on any git server", ({ address }) => {
  let world: World;
  let config: string;
  let commit: string;
  let env: Readonly<Record<string, string>>;
  beforeEach(async () => {
    world = await openWorld(address);
    world.forge.requireToken(token);
    commit = await world.forge.addTemplate("me/agent", helloTemplate({ message: "from git" }), {
      private: true,
    });
    await world.forge.addTemplate("hermes", helloTemplate(), { private: true });
    const templates = { codex: { repo: `${world.forge.repoPrefix("me")}agent` } };
    const options = { "gitea-local-build": { forge: "git", templates } };
    config = await world.write("config.json", JSON.stringify({ options }));
    const bin = join(world.home, "recording");
    await mkdir(bin);
    const script = `#!/bin/sh\nprintf '%s\\n' "$*" >> '${world.home}/git.log'\nPATH=\${PATH#'${bin}:'} exec git "$@"\n`;
    await writeFile(join(bin, "git"), script);
    await chmod(join(bin, "git"), 0o755);
    env = {
      MOLECULE_GIT_TOKEN: token,
      MOLECULE_GITEA_TOKEN: "",
      PATH: [bin, world.env["PATH"] ?? process.env["PATH"]].join(delimiter),
    };
  });
  afterEach(() => world.close());

  test("are built, and then found with one ls-remote and no request to an API", async () => {
    const args = ["ensure", "codex", "--json", "--log-level", "debug", "--config", config];
    const built = await world.run(args, env);
    expect([built.status, built.stdout]).toEqual([0, expect.stringContaining(commit)]);
    expect(built.stdout + built.stderr).not.toContain(token);

    const log = join(world.home, "git.log");
    expect(await readFile(log, "utf8")).not.toContain(token);
    await writeFile(log, "");
    const hit = await world.json(["ensure", "codex", "--config", config], env);
    expect(hit.answer.results?.[0]).toMatchObject({ ok: true, image: { revision: commit, cached: true } });
    const url = `${world.forge.repoPrefix("me")}agent`;
    expect(await readFile(log, "utf8")).toBe(`ls-remote --symref -- ${url} HEAD\n`);
    expect(world.forge.apiRequests()).toEqual([]);
  });

  test("are checked by doctor, and config masks the token", async () => {
    const { answer } = await world.json(["doctor", "--config", config], env);
    const finding = (id: string) => answer.findings?.find((one) => one.id === id);
    expect(finding("forge")).toMatchObject({
      ok: true,
      message: expect.stringContaining("serves git over HTTP"),
    });
    expect(finding("forge.codex")).toMatchObject({ ok: true });
    const named = await world.json(["doctor", "codex", "--config", config], env);
    expect(named.answer.findings?.find(({ id }) => id === "template.codex")).toMatchObject({
      ok: true,
      message: expect.stringContaining(commit.slice(0, 12)),
    });
    expect(world.forge.apiRequests()).toEqual([]);

    const without = await world.json(["doctor", "codex", "--config", config], {
      ...env,
      MOLECULE_GIT_TOKEN: "",
    });
    expect(without.answer.findings?.find(({ id }) => id === "template.codex")).toMatchObject({
      ok: false,
      hint: expect.stringContaining("MOLECULE_GIT_TOKEN"),
    });

    const shown = await world.run(["config", "--json", "--config", config], env);
    expect(shown.stdout).not.toContain(token);
    expect(JSON.parse(shown.stdout)).toMatchObject({
      values: expect.arrayContaining([
        { path: "MOLECULE_GIT_TOKEN", value: "***", origin: "variable MOLECULE_GIT_TOKEN" },
        expect.objectContaining({ path: "options.gitea-local-build.forge", value: "git" }),
      ]),
    });
  });

  test("must have a usable entry: a mistake is reported with its path and the closest key", async () => {
    const templates = { codex: { repo: "ssh://h/a", revsion: "x" } };
    const options = { "gitea-local-build": { templates } };
    const wrong = await world.write("wrong.json", JSON.stringify({ options }));
    const { status, stderr } = await world.run(["ensure", "hermes", "--config", wrong], env);
    expect(status).toBe(2);
    expect(stderr).toContain("templates.codex.repo");
    expect(stderr).toContain('"revision"');
    expect(world.forge.requests).toEqual([]);
  });
});
