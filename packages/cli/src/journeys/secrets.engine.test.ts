import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { describeWithEngine } from "@molecule/test-fixtures";
import { helloTemplate } from "@molecule/testkit";
import { openWorld, templateWith, type Outcome, type World } from "./command-world.test.support.js";

const token = "tok-en/with+odd=signs&more";

/** Returns every form of the token that a text must not contain. */
const forms: readonly string[] = [
  token,
  encodeURIComponent(token),
  ...["", ":", "x-access-token:", "token ", "  "].map((before) =>
    Buffer.from(before + token)
      .toString("base64")
      .replace(/=+$/, ""),
  ),
];

const leaks = (text: string): string[] => forms.filter((form) => text.includes(form));

describeWithEngine({ describe, test }, "the forge token", ({ address }) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(address);
    world.forge.requireToken(token);
    // A build that prints it, in every form.
    const steps = [...forms.map((form) => `RUN echo 'said ${form}'`), "RUN exit 3"].join("\n");
    await world.forge.addTemplate("hermes", helloTemplate(), { private: true });
    await world.forge.addTemplate("codex", templateWith(steps), { private: true });
  });
  afterAll(() => world.close());

  const run = async (
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Outcome> => {
    const outcome = await world.run([...args, "--log-level", "debug"], {
      MOLECULE_GITEA_TOKEN: token,
      ...env,
    });
    expect(leaks(outcome.stdout)).toEqual([]);
    expect(leaks(outcome.stderr)).toEqual([]);
    return outcome;
  };

  test("builds a private template, and appears in no output and no file", async () => {
    expect((await run(["ensure", "hermes"])).status).toBe(0);
    const all = await readdir(world.cache, { recursive: true, withFileTypes: true });
    // The template of codex prints it, and so contains it.
    const codex = join(world.cache, "codex");
    const files = all.filter((entry) => entry.isFile() && !entry.parentPath.startsWith(codex));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      expect(leaks(await readFile(join(file.parentPath, file.name), "latin1"))).toEqual([]);
    }
  });

  test.each([[["--progress", "plain"]], [["--progress", "json"]], [["--json"]]])(
    "is masked in build output and build errors, with %j",
    async (options) => {
      const { status, stdout, stderr } = await run(["ensure", "codex", ...options]);
      expect(status).toBe(5);
      expect(stdout + stderr).toContain("said ***");
    },
  );

  test("is masked in messages from the forge", async () => {
    world.forge.fault("api", { status: 500, body: `no: ${forms.join(" ")}` });
    expect((await run(["ensure", "hermes"])).status).toBe(3);
    world.forge.clearFaults();
    world.forge.fault("git", { status: 403, body: `no: ${forms.join(" ")}` }, { times: 1 });
    expect((await run(["refresh", "hermes", "--json"])).status).toBe(3);
  });

  test("is requested by its variable's name when it is wrong or missing", async () => {
    for (const other of ["another-token", ""]) {
      const { status, answer } = await world.json(["ensure", "hermes"], { MOLECULE_GITEA_TOKEN: other });
      expect(status).toBe(3);
      expect(answer.results?.[0]?.error?.hint).toContain("MOLECULE_GITEA_TOKEN");
      expect(JSON.stringify(answer)).not.toContain("another-token");
    }
  });

  test.each(["short", "with blank in it", "line\nend-of-it"])(
    "rejects the invalid token %j with CONFIG_INVALID, and sends nothing",
    async (other) => {
      const before = world.forge.requests.length;
      const { status, answer } = await world.json(["ensure", "hermes"], { MOLECULE_GITEA_TOKEN: other });
      expect({ status, code: answer.error?.code ?? answer.results?.[0]?.error?.code }).toEqual({
        status: 2,
        code: "CONFIG_INVALID",
      });
      expect(JSON.stringify(answer)).not.toContain(other.slice(0, 5) + " ");
      expect(world.forge.requests).toHaveLength(before);
    },
  );

  test("is never sent in clear text to another machine", async () => {
    const prefix = { MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX: "http://forge.invalid/acme/template-" };
    const { status, stderr } = await run(["ensure", "hermes"], prefix);
    expect(status).toBe(2);
    expect(stderr).toContain("[CONFIG_INVALID]");
  });

  test.each([
    ["an unknown option", ["ensure", "hermes", `--${token}`]],
    ["an unknown command", [token]],
    ["a configuration file", ["config", "--config", token]],
    ["a platform", ["plan", "hermes", "--platform", token]],
  ])("is masked when passed as %s", async (_what, args) => {
    expect((await run(args)).status).toBe(2);
    expect((await run([...args, "--json"])).status).toBe(2);
  });
});
