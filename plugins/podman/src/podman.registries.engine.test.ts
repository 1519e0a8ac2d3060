import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as runner from "@jest/globals";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { createImageProvider, type HostImageProvider } from "@molecule/host";
import { describeWithPodman, startGuardedRegistry, type GuardedRegistry } from "@molecule/test-fixtures";
import { failureOf, useSource } from "@molecule/test-fixtures/source";
import plugin from "./index.js";

describeWithPodman(runner, "Podman and registries that require credentials", (podman) => {
  const world = useSource(plugin, createImageProvider);
  let one: GuardedRegistry;
  let other: GuardedRegistry;
  beforeAll(async () => {
    one = await startGuardedRegistry("one", "pass-word/of one", ["a", "one"]);
    other = await startGuardedRegistry("other", "pass-word/of other", ["b", "other"]);
    // Before the first request, because Podman reads this only once.
    await writeFile(
      join(podman().directory, ".config", "containers", "registries.conf"),
      [one, other].map(({ host }) => `[[registry]]\nlocation = "${host}"\ninsecure = true\n`).join(""),
    );
  });
  afterAll(async () => {
    await one.stop();
    await other.stop();
  });
  beforeEach(() => {
    one.forget();
    other.forget();
  });
  const open = (
    known: readonly GuardedRegistry[],
    options: Readonly<Record<string, unknown>> = {},
  ): Promise<HostImageProvider> => {
    const auths = Object.fromEntries(
      known.map(({ host, user, password }) => [
        host,
        { auth: Buffer.from(`${user}:${password}`).toString("base64") },
      ]),
    );
    const env = {
      CONTAINER_HOST: podman().address,
      DOCKER_AUTH_CONFIG: JSON.stringify({ auths }),
      WORD: "a secret",
    };
    return world.open({ env, options });
  };
  const bases = (): { Dockerfile: string } => ({
    Dockerfile: `FROM ${one.image}\nCOPY --from=${other.image} /b /b\n`,
  });

  test("sends a registry without credentials none", async () => {
    const { runtime } = await world.addTemplate(bases());
    const failure = await failureOf((await open([one])).ensure(runtime));
    expect(`${failure.message}${failure.output ?? ""}`).toContain(other.host);
    expect(one.told()).toEqual([`one:${one.password}`]);
    expect(other.told().filter((text) => text !== ":")).toEqual([]);
  });

  test("sends each registry its own credentials", async () => {
    const { runtime } = await world.addTemplate(bases());
    const images = await open([one, other]);
    expect(await images.ensure(runtime)).toMatchObject({ cached: false });
    expect(other.told()).toEqual([`other:${other.password}`]);
  });

  test("rejects build secrets, which its API does not support", async () => {
    const { runtime } = await world.addTemplate(bases());
    const images = await open([one, other], { secrets: { word: { env: "WORD" } } });
    expect(await failureOf(images.ensure(runtime))).toMatchObject({ code: "CONFIG_INVALID" });
  });
});
