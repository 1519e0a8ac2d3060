import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import * as runner from "@jest/globals";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createImageProvider, type HostImageProvider } from "@molecule/host";
import {
  describeWithBuildkit,
  describeWithEngine,
  startRegistry,
  type GuardedRegistry,
  type Registry,
} from "@molecule/test-fixtures";
import {
  failureOf,
  testBasePlatforms,
  useGuardedRegistries,
  useSource,
} from "@molecule/test-fixtures/source";
import plugin from "./index.js";

describeWithBuildkit(runner, "BuildKit", (buildkit) => {
  describeWithEngine(runner, "and its registries", ({ address }) => {
    const world = useSource(plugin, createImageProvider);
    const registries = useGuardedRegistries();
    const open = (
      logins: readonly string[],
      options: Readonly<Record<string, unknown>> = {},
      more: Readonly<Record<string, string>> = {},
    ): Promise<HostImageProvider> => {
      const auths = Object.fromEntries(
        registries.both.flatMap(({ host }, index) =>
          logins[index] === undefined
            ? []
            : [[host, { auth: Buffer.from(logins[index]).toString("base64") }] as const],
        ),
      );
      return world.open({
        env: {
          PATH: `${buildkit().programs}:${process.env.PATH ?? ""}`,
          DOCKER_HOST: address,
          DOCKER_AUTH_CONFIG: JSON.stringify({ auths }),
          ...more,
        },
        options: { addr: buildkit().address, ...options },
      });
    };
    const login = ({ user, password }: GuardedRegistry): string => `${user}:${password}`;
    const logins = (): readonly string[] => registries.both.map(login);

    test("sends each registry its own credentials, from a file that is removed afterwards", async () => {
      const { runtime } = await world.addTemplate(registries.bases());
      await (await open(logins())).ensure(runtime);
      expect(registries.one.told()).toEqual([login(registries.one)]);
      expect(registries.other.told()).toEqual([login(registries.other)]);
      expect(await readdir(join(world.directory, "cache", ".auth"))).toEqual([]);
    });

    test("a wrong or missing password is denied by its registry, and shown nowhere", async () => {
      await buildkit().buildctl("prune", "--all");
      const { runtime } = await world.addTemplate(registries.bases());
      for (const wrong of [["one:wrong-password"], []]) {
        const failure = await failureOf((await open(wrong)).ensure(runtime));
        expect(failure).toMatchObject({
          code: "SOURCE_DENIED",
          message: expect.stringMatching(registries.both.map(({ host }) => host).join("|")),
        });
        expect(`${failure.message}${failure.output ?? ""}`).not.toContain("wrong-password");
      }
    });

    test("attributes a missing base, and one in a registry that is down, to the registry", async () => {
      const from = async (base: string): Promise<unknown> => {
        const { runtime } = await world.addTemplate({ Dockerfile: `FROM ${base}\n` });
        const { code, message, output } = await failureOf((await open(logins())).ensure(runtime));
        return { code, message, output };
      };
      const missing = `${registries.one.host}/team/one:missing`;
      expect(await from(missing)).toMatchObject({
        code: "SOURCE_NOT_FOUND",
        message: expect.stringContaining(missing),
      });
      expect(await from("127.0.0.1:1/x:y")).toMatchObject({
        code: "SOURCE_UNREACHABLE",
        message: expect.stringContaining("127.0.0.1:1/x:y"),
      });
    });

    test.each(["registry", "local"])("a builder without a cache uses the one in a %s", async (type) => {
      const place =
        type === "registry"
          ? { type, ref: `${registries.one.host}/cache` }
          : { type, path: join(world.directory, "a, cache") };
      const options = { cacheTo: { ...place, mode: "max" }, cacheFrom: place };
      const { runtime } = await world.addTemplate({
        Dockerfile: `FROM ${registries.one.image}\nCOPY Dockerfile /d\n`,
      });
      const lines: string[] = [];
      const run = async (): Promise<void> => {
        const images = await open(logins(), options);
        const onProgress = (event: { readonly type: string; readonly line?: string }): void => {
          if (event.type === "output") lines.push(event.line ?? "");
        };
        const built = await images.ensure(runtime, { onProgress });
        for (const name of [built.reference, built.reference.replace(/:[^:]*$/, ":latest")])
          await images.engineOf(built).removeImage(name);
      };
      await run();
      await buildkit().buildctl("prune", "--all");
      lines.length = 0;
      await run();
      expect(lines).toContainEqual(expect.stringMatching(/^CACHED \[2\/2\] COPY/));
      await rm(join(world.directory, "a, cache"), { recursive: true, force: true });
    });

    describe("bases for several platforms", () => {
      let registry: Registry;
      beforeAll(async () => {
        registry = await startRegistry();
      });
      afterAll(() => registry.stop());
      testBasePlatforms({
        host: () => registry.host,
        addTemplate: (files) => world.addTemplate(files),
        open: (platform) => open([], {}, { MOLECULE_IMAGE_PLATFORM: platform }),
      });
    });
  });
});
