import { randomBytes } from "node:crypto";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as runner from "@jest/globals";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { describeWithBuildah, describeWithPodman } from "@molecule/test-fixtures";
import { helloTemplate } from "@molecule/testkit";
import { noEngine, openWorld, templateWith, type World } from "./command-world.test.support.js";
import { writeHelloTemplate } from "./template-directory.test.support.js";
import { processesOf, until } from "./waiting.test.support.js";

/** A user without Docker, whose project file selects the source. */
function useWorld(source: string): () => World {
  let world: World | undefined;
  beforeAll(async () => {
    world = await openWorld(noEngine);
    await world.forge.addTemplate("hermes", helloTemplate());
    await world.write(".moleculerc", `sources: { local: ${source} }\n`);
  });
  afterAll(() => world?.close());
  return () => {
    if (world === undefined) throw new TypeError("it is there only inside of tests");
    return world;
  };
}

describeWithPodman(runner, "molecule-image with sources: { local: podman }", (podman) => {
  const world = useWorld("podman");

  test("run builds and runs with Podman, attached, and returns the container's exit status", async () => {
    const env = { CONTAINER_HOST: podman().address };
    const first = await world().run(["run", "hermes", "--rm", "--", "/bin/echo", "hi"], env);
    expect(first).toMatchObject({ status: 0, stdout: "hi\n" });
    const { status, answer } = await world().json(["ensure", "hermes"], env);
    expect(status).toBe(0);
    expect(answer.results?.[0]?.image).toMatchObject({
      source: "podman",
      cached: true,
      engine: { kind: "podman", address: podman().address },
    });
    const imageId = answer.results?.[0]?.image?.["imageId"];
    const listed = await world().json(["list"], env);
    expect([listed.status, listed.answer.images]).toMatchObject([0, [{ runtime: "hermes", imageId }]]);
    expect(await world().run(["run", "hermes", "--", "sh", "-c", "exit 7"], env)).toMatchObject({
      status: 7,
    });
  });

  test("builds and runs a working copy", async () => {
    const env = { CONTAINER_HOST: podman().address };
    const directory = join(world().cwd, "copy");
    const run = ["run", "codex", "--rm", "--template", "codex=copy"];
    await writeHelloTemplate(directory, "one");
    expect(await world().run(run, env)).toMatchObject({ status: 0, stdout: "one\n" });
    await writeFile(join(directory, "message.txt"), "two\n");
    expect(await world().run(run, env)).toMatchObject({ status: 0, stdout: "two\n" });
  });

  test("reports how to start Podman's socket when it is missing", async () => {
    const { status, answer } = await world().json(["ensure", "hermes"], {
      CONTAINER_HOST: `unix://${podman().directory}/absent.sock`,
    });
    expect(status).toBe(4);
    expect(answer.results?.[0]?.error).toMatchObject({
      code: "ENGINE_UNAVAILABLE",
      hint: expect.stringContaining("systemctl --user enable --now podman.socket"),
    });
  });
});

describeWithBuildah(runner, "molecule-image with sources: { local: buildah }", (storage) => {
  const world = useWorld("buildah");

  test("ensure needs no engine", async () => {
    const { status, answer } = await world().json(["ensure", "hermes"], storage().env);
    expect(status).toBe(0);
    expect(answer.results?.[0]?.image).toMatchObject({ source: "buildah", engine: null, cached: false });
  });

  test("builds each content of a working copy once", async () => {
    const directory = join(world().cwd, "copy");
    await writeHelloTemplate(directory, "one");
    const ensure = ["ensure", "codex", "--template", "codex=copy"];
    const image = async (): Promise<unknown> =>
      (await world().json(ensure, storage().env)).answer.results?.[0]?.image;
    expect(await image()).toMatchObject({ cached: false, revision: null });
    expect(await image()).toMatchObject({ cached: true });
    await writeFile(join(directory, "message.txt"), "two\n");
    expect(await image()).toMatchObject({ cached: false });
  });

  test("names the package to install when buildah is missing", async () => {
    const onlyNode = join(world().home, "bin");
    await mkdir(onlyNode);
    await symlink(process.execPath, join(onlyNode, "node"));
    const { status, answer } = await world().json(["ensure", "hermes"], { ...storage().env, PATH: onlyNode });
    expect(status).toBe(4);
    expect(answer.results?.[0]?.error).toMatchObject({
      code: "TOOL_MISSING",
      hint: expect.stringContaining("buildah"),
    });
  });
});

// In a separate storage, because it can leave an image behind.
describeWithPodman(runner, "molecule-image with Podman, interrupted", (podman) => {
  const world = useWorld("podman");

  test("an interrupted build stops the command, which reports what Podman may still be doing", async () => {
    const token = randomBytes(4).toString("hex");
    await world().forge.addTemplate("codex", templateWith(`RUN echo begun-${token} && /bin/sleep 20`));
    const env = { CONTAINER_HOST: podman().address };
    const running = world().start(["ensure", "codex", "--progress", "plain"], env);
    await running.untilPrinted(`build | begun-${token}`);
    running.child.kill("SIGINT");
    const { status, stderr } = await running.done;
    expect(status).toBe(130);
    expect(stderr).toMatch(/ warn Podman may still finish the build step that was running /);
    // A leftover image must not have one of our names.
    await until(async () => (await processesOf(`begun-${token}`)).length === 0);
    const { answer } = await world().json(["list"], env);
    expect(answer.images?.flatMap(({ tags }) => tags)).toEqual([]);
  });
});
