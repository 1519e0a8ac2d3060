import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { noEngine, openWorld, type Env, type Failure, type World } from "./command-world.test.support.js";
import { runShell } from "./shell.test.support.js";
import { writeHelloTemplate } from "./template-directory.test.support.js";

let world: World;
let directory: string;
beforeEach(async () => {
  world = await openWorld(noEngine);
  directory = join(world.cwd, "copy");
  await writeHelloTemplate(directory, "one");
});
afterEach(() => world.close());

describe("a working copy that cannot be used is reported before the engine is contacted:", () => {
  async function failureOf(
    args: readonly string[],
    env?: Env,
    runtime = "hermes",
  ): Promise<Failure | undefined> {
    const { answer } = await world.json(["plan", runtime, ...args], env);
    return answer.error ?? answer.results?.[0]?.error;
  }

  test.each([
    ["a missing directory", "hermes=missing", "missing of hermes cannot be used: it does not exist"],
    ["a file", "hermes=copy/Dockerfile", "copy/Dockerfile of hermes cannot be used: it is not a directory"],
  ])("%s", async (_what, written, message) => {
    expect(await failureOf(["--template", written])).toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining(message),
    });
  });

  test("a second directory for the same runtime", async () => {
    expect(await failureOf(["--template", "hermes=copy", "--template", "hermes=other"])).toMatchObject({
      code: "USAGE",
      message: "--template names two directories for hermes",
      hint: "Pass --template once for each runtime.",
    });
  });

  test("an unknown runtime", async () => {
    const failure = await failureOf(["--template", "hermess=copy"], {}, "hermess");
    expect(failure).toMatchObject({
      code: "CONFIG_INVALID",
      message:
        'the configuration is invalid: flag --template: unknown runtime "hermess" (did you mean "hermes"?); add it to runtimes.add to allow it',
      hint: "Correct the runtime, or add it to `runtimes.add` in the configuration.",
    });
  });

  test("any, where images are pulled", async () => {
    const env = { MOLECULE_IMAGE_REGISTRY: "registry.example/acme" };
    expect(await failureOf(["--template", "hermes=copy"], env)).toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("--template"),
    });
  });

  test("a directory without a Dockerfile", async () => {
    expect(await failureOf(["--template", "hermes=."])).toMatchObject({
      code: "TEMPLATE_INVALID",
      message: 'the template has no Dockerfile at "Dockerfile"',
    });
  });
});

const whereRoot = process.getuid?.() === 0 ? describe : describe.skip;
whereRoot("a working copy with a file that this user may not read", () => {
  // root starts the shell, which then switches to another user.
  const script = 'exec setpriv --reuid 65534 --regid 65534 --clear-groups "$@"';
  const args = ["plan", "hermes", "--json", "--template", "hermes=copy"];
  const env = { MOLECULE_LOCAL_BUILD_CACHE: "/tmp/never-made", HOME: "/nonexistent" };

  test("fails and names the file, unless it is ignored", async () => {
    await chmod(join(world.cwd, ".."), 0o755);
    await mkdir(join(directory, "data"), { mode: 0o700 });
    await world.write("copy/key", "secret");
    await chmod(join(directory, "key"), 0o600);
    const errorOf = async (): Promise<unknown> => {
      const { stdout } = await runShell(world, script, args, { env });
      return (JSON.parse(stdout) as { results: readonly { error: unknown }[] }).results[0]?.error;
    };
    await world.write("copy/.dockerignore", "data\n");
    expect(await errorOf()).toMatchObject({
      code: "STORAGE_UNUSABLE",
      message: expect.stringMatching(/working copy .*copy: "key" of the template .*permission denied/),
      hint: expect.stringContaining(".dockerignore"),
    });
    await world.write("copy/.dockerignore", "key\n");
    expect(await errorOf()).toMatchObject({ message: expect.stringContaining('"data"') });
    await world.write("copy/.dockerignore", "data\nkey\n");
    // The engine is contacted next.
    expect(await errorOf()).toMatchObject({ code: "ENGINE_UNAVAILABLE" });
  });
});
