import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { beforeEach, describe, expect, test } from "@jest/globals";
import type { ProgressEvent, RegistryCredentials } from "@molecule/core";
import { describeWithEngine } from "@molecule/test-fixtures";
import { failureOf, templateWith, useGuardedRegistries } from "@molecule/test-fixtures/source";
import { useWorld } from "./gitea-local-build.test.support.js";

describeWithEngine({ describe, test }, "a template with private bases and secrets", ({ address }) => {
  const world = useWorld(address);
  const registries = useGuardedRegistries();
  beforeEach(async () => {
    for (const registry of registries.both) {
      await world.engine.removeImage(registry.image);
    }
  });
  describe.each(["buildkit", "classic"] as const)("with %s", (builder) => {
    test("sends each registry its own credentials", async () => {
      const asked = new Set<string>();
      const credentials: RegistryCredentials = {
        find: async (registry) => {
          asked.add(registry);
          const known = registries.both.find(({ host }) => host === registry);
          return known && { from: "a test", username: known.user, password: known.password };
        },
      };
      const { runtime } = await world.addTemplate(registries.bases());
      const image = await world.provider({ builder, credentials }).ensure(runtime);
      expect(image).toMatchObject({ cached: false });
      expect(registries.one.told()).toEqual([`one:${registries.one.password}`]);
      expect(registries.other.told()).toEqual([`other:${registries.other.password}`]);
      expect(asked).toEqual(new Set([registries.one.host, registries.other.host]));
    });

    test("expired credentials are looked up again, and the build succeeds", async () => {
      const asked: boolean[] = [];
      let password = "has run out";
      const credentials: RegistryCredentials = {
        find: async (registry, { fresh = false } = {}) => {
          asked.push(fresh);
          if (fresh) ({ password } = registries.one);
          return registry === registries.one.host
            ? { from: "a test", username: registries.one.user, password }
            : undefined;
        },
      };
      const { runtime } = await world.addTemplate({
        Dockerfile: `FROM ${registries.one.image}\nCOPY Dockerfile /d\n`,
      });
      await world.provider({ builder, credentials }).ensure(runtime);
      expect(registries.one.told()).toEqual(["one:has run out", `one:${registries.one.password}`]);
      expect(asked.filter((fresh) => fresh)).toEqual([true]);
    });
  });

  test("BuildKit passes a secret to its step, and the output is masked", async () => {
    const secret = "canary+of a/secret";
    const step = 'RUN --mount=type=secret,id=word,required=true echo "it is $(cat /run/secrets/word)"';
    const { runtime } = await world.addTemplate(templateWith(step));
    const options = { secrets: { word: { env: "WORD" } } };
    const provider = (word: string) => world.provider({ builder: "buildkit", options, env: { WORD: word } });
    const events: ProgressEvent[] = [];
    const image = await provider(secret).ensure(runtime, { onProgress: (event) => events.push(event) });
    expect(JSON.stringify(events)).toContain("it is ***");
    expect(JSON.stringify(events)).not.toContain("canary");
    const env = { PATH: process.env.PATH, DOCKER_HOST: address };
    for (const command of ["inspect", "history", "save"]) {
      const args =
        command === "history" ? ["history", "--no-trunc", image.imageId] : [command, image.imageId];
      const { stdout } = await promisify(execFile)("docker", args, {
        env,
        encoding: "latin1",
        maxBuffer: 2 ** 28,
      });
      expect(stdout.length).toBeGreaterThan(500);
      expect(stdout.includes("canary")).toBe(false);
    }
    // A hit, because the value is not part of the build key.
    expect(await provider("another value").ensure(runtime)).toMatchObject({
      cached: true,
      buildKey: image.buildKey,
    });
    expect((await world.provider().plan(runtime)).buildKey).not.toBe(image.buildKey);
  });

  test("the classic builder gets no secret in any form", async () => {
    const { runtime } = await world.addTemplate(templateWith("RUN true"));
    const options = { secrets: { word: { env: "WORD" } } };
    const failure = await failureOf(
      world.provider({ builder: "classic", options, env: { WORD: "canary of a secret" } }).ensure(runtime),
    );
    expect(failure).toMatchObject({ code: "CONFIG_INVALID", hint: expect.stringContaining("secrets") });
    expect(`${failure.message} ${String(failure.cause)}`).not.toContain("canary");
  });
});
