import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as runner from "@jest/globals";
import { beforeAll, expect, test } from "@jest/globals";
import { createImageProvider, type HostImageProvider } from "@molecule/host";
import { describeWithPodman, type GuardedRegistry } from "@molecule/test-fixtures";
import { failureOf, useGuardedRegistries, useSource } from "@molecule/test-fixtures/source";
import plugin from "./index.js";

describeWithPodman(runner, "Podman and registries that require credentials", (podman) => {
  const world = useSource(plugin, createImageProvider);
  const registries = useGuardedRegistries();
  beforeAll(async () => {
    // Before it is asked for anything: it reads this once.
    await writeFile(
      join(podman().directory, ".config", "containers", "registries.conf"),
      registries.both.map(({ host }) => `[[registry]]\nlocation = "${host}"\ninsecure = true\n`).join(""),
    );
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
  test("sends a registry without credentials none", async () => {
    const { runtime } = await world.addTemplate(registries.bases());
    const failure = await failureOf((await open([registries.one])).ensure(runtime));
    expect(`${failure.message}${failure.output ?? ""}`).toContain(registries.other.host);
    expect(registries.one.told()).toEqual([`one:${registries.one.password}`]);
    expect(registries.other.told().filter((text) => text !== ":")).toEqual([]);
  });

  test("sends each registry its own credentials", async () => {
    const { runtime } = await world.addTemplate(registries.bases());
    const images = await open(registries.both);
    expect(await images.ensure(runtime)).toMatchObject({ cached: false });
    expect(registries.other.told()).toEqual([`other:${registries.other.password}`]);
  });

  test("rejects build secrets, which its API does not support", async () => {
    const { runtime } = await world.addTemplate(registries.bases());
    const images = await open(registries.both, { secrets: { word: { env: "WORD" } } });
    expect(await failureOf(images.ensure(runtime))).toMatchObject({ code: "CONFIG_INVALID" });
  });
});
