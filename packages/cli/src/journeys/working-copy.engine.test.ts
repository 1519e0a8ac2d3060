import { randomBytes } from "node:crypto";
import { mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import { describeWithEngine } from "@molecule/test-fixtures";
import { helloTemplate } from "@molecule/testkit";
import { openWorld, type Image, type World } from "./command-world.test.support.js";
import { writeHelloTemplate } from "./template-directory.test.support.js";
import { until } from "./waiting.test.support.js";

describeWithEngine({ describe, test }, "the working copy of a template", ({ address }) => {
  let world: World;
  let directory: string;
  beforeEach(async () => {
    world = await openWorld(address);
    directory = join(world.cwd, "my template");
    await writeHelloTemplate(directory, "one");
    await put("nonce", randomBytes(8).toString("hex"));
  });
  afterEach(() => world.close());

  const put = (path: string, content: string): Promise<string> => world.write(`my template/${path}`, content);
  const here = ["--template", "hermes=my template"];
  const run = async (): Promise<string> => (await world.run(["run", "hermes", "--rm", ...here])).stdout;
  async function imageOf(verb: string, args: readonly string[] = here): Promise<Image> {
    const { status, answer } = await world.json([verb, "hermes", ...args]);
    expect({ status, answer }).toMatchObject({ status: 0 });
    return answer.results?.[0]?.image ?? {};
  }

  test("reports a version file that the Dockerfile does not use", async () => {
    await put(".runtime-version", "1.0\n");
    const { status, stderr } = await world.run([
      "ensure",
      "hermes",
      "--quiet",
      "--log-level",
      "warn",
      ...here,
    ]);
    expect(status).toBe(0);
    expect(stderr).toMatch(
      /file has no effect .*file="\.runtime-version" argument="RUNTIME_VERSION" hint="add ARG/,
    );
  });

  test("is built, run, edited and built again, without any server", async () => {
    const first = await imageOf("ensure");
    const key = String(first["buildKey"]).slice(0, 12);
    const name = "molecule-local/workspace-template-hermes";
    expect(first).toMatchObject({
      reference: `${name}:dev-${key}--${world.isolation}`,
      revision: null,
      cached: false,
    });
    expect(await run()).toBe("one\n");
    expect(await imageOf("plan")).toMatchObject({ hit: true, imageId: first["imageId"], why: null });

    await put("message.txt", "two\n");
    expect(await imageOf("plan")).toMatchObject({
      hit: false,
      revision: null,
      why: expect.stringContaining("dev-"),
    });
    expect(await run()).toBe("two\n");
    const second = await imageOf("ensure");
    expect(second).toMatchObject({ cached: true, revision: null });
    expect(second["imageId"]).not.toBe(first["imageId"]);

    await put("message.txt", "one\n");
    expect(await imageOf("ensure")).toMatchObject({ cached: true, imageId: first["imageId"] });
    expect(world.forge.requests).toEqual([]);

    const engine = createDockerEngine(() =>
      findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }),
    );
    try {
      const alias = await engine.inspectImage(`${name}:dev--${world.isolation}`);
      expect(alias).toMatchObject({ id: first["imageId"] });
      expect(alias?.labels).not.toHaveProperty(["org.opencontainers.image.revision"]);
      expect(await engine.inspectImage(`${name}:latest--${world.isolation}`)).toBeUndefined();
    } finally {
      await engine.close();
    }

    const { answer } = await world.json(["list"]);
    const listed = (answer.images ?? []).filter(({ tags }) => String(tags).includes(world.isolation));
    expect(listed.map(({ reference }) => reference).sort()).toEqual(
      [first["reference"], second["reference"]].sort(),
    );
    expect(listed.map(({ revision }) => revision)).toEqual([null, null]);
    const pruned = await world.json(["prune", "--keep", "1", "--force"]);
    // The last one built is the newest, whichever is in use.
    expect(pruned.answer.removed?.map(({ imageId }) => imageId)).toEqual([first["imageId"]]);
    expect(pruned.answer.kept?.map(({ imageId }) => imageId)).toEqual([second["imageId"]]);
  });

  test("leaves the image of the commit alone, and holds neither .git nor ignored files", async () => {
    const commit = await world.forge.addTemplate("hermes", helloTemplate({ message: "committed" }));
    const committed = await imageOf("ensure", []);
    await put(".git/HEAD", "ref: refs/heads/main\n");
    await put(".dockerignore", "node_modules\n");
    await put("node_modules/one/index.js", "1");
    await mkdir(join(directory, "empty"));
    await symlink("/etc/hostname", join(directory, "outside"));

    const built = await imageOf("ensure");
    await put("node_modules/two/index.js", "2");
    await put(".git/index", "changed");
    expect(await imageOf("plan")).toMatchObject({ hit: true, imageId: built["imageId"] });
    const { stdout } = await world.run(["run", "hermes", "--rm", ...here, "--", "ls", "-A", "/app"]);
    const names = stdout.trim().split("\n");
    expect(names).toEqual(expect.arrayContaining(["Dockerfile", "message.txt", "empty", "outside"]));
    expect(names).not.toEqual(expect.arrayContaining([".git"]));
    expect(names).not.toEqual(expect.arrayContaining(["node_modules"]));

    expect(await imageOf("ensure", [])).toMatchObject({
      cached: true,
      revision: commit,
      imageId: committed["imageId"],
    });
    expect(world.forge.gitRequests().length).toBeGreaterThan(0);
  });

  test("is built by watch whenever its content changes", async () => {
    const watch = world.start(["watch", "hermes", ...here, "--every", "1s"]);
    let stdout = "";
    watch.child.stdout?.on("data", (text: string) => (stdout += text));
    const lines = (): readonly string[] => stdout.split("\n").slice(0, -1);
    await until(() => lines().length === 1);
    await put("message.txt", "two\n");
    await until(() => lines().length === 2);
    watch.child.kill("SIGINT");
    expect((await watch.done).status).toBe(130);
    expect(await imageOf("plan")).toMatchObject({ hit: true });
    expect(lines()[1]).toContain(String((await imageOf("plan"))["reference"]));
  });

  test("is configured by a path relative to the file, and doctor reports it", async () => {
    const options = { "gitea-local-build": { templates: { hermes: { path: "my template" } } } };
    const config = await world.write("config.json", JSON.stringify({ options }));
    expect(await imageOf("ensure", ["--config", config])).toMatchObject({ revision: null, cached: false });
    const { answer } = await world.json(["doctor", "hermes", "--config", config]);
    expect(answer.findings?.find(({ id }) => id === "template.hermes")).toMatchObject({
      level: "ok",
      message: `working copy at ${directory}`,
    });
    await rm(directory, { recursive: true });
    const gone = await world.json(["ensure", "hermes", "--config", config]);
    expect(gone.answer.results?.[0]?.error).toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining(directory),
    });
  });
});
