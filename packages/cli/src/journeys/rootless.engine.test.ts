import { spawnSync } from "node:child_process";
import { chmod, chown, lstat, mkdir, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as runner from "@jest/globals";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import {
  describeWithBuildah,
  describeWithEngine,
  describeWithPodman,
  startOrdinaryUser,
  startPrivateEngine,
  type OrdinaryUser,
  type OrdinaryUserOptions,
  type PrivateEngine,
} from "@molecule/test-fixtures";
import { helloTemplate, startForge, type Forge } from "@molecule/testkit";
import { configure, jsonAs, runAs } from "./ordinary-user.test.support.js";

const patience = 120_000;

/** A user, and a forge with a template. */
function useUser(
  config: unknown,
  options?: OrdinaryUserOptions,
): {
  readonly user: () => OrdinaryUser;
  readonly env: () => Record<"MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX", string>;
} {
  let user: OrdinaryUser | undefined;
  let forge: Forge | undefined;
  beforeAll(async () => {
    [user, forge] = await Promise.all([startOrdinaryUser(options), startForge()]);
    await forge.addTemplate("hermes", helloTemplate());
    await configure(user, config);
  }, patience);
  afterAll(async () => {
    await Promise.all([user?.stop(), forge?.stop()]);
  }, patience);
  const inside = <T>(value: T | undefined): T => {
    if (value === undefined) throw new TypeError("only available inside tests");
    return value;
  };
  return {
    user: () => inside(user),
    env: () => ({ MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX: inside(forge).repoPrefix() }),
  };
}

describeWithPodman(runner, "an ordinary user with a rootless Podman", () => {
  const { user, env } = useUser({ sources: { local: "podman" } }, { servesPodman: true });

  test(
    "builds and runs through the socket in XDG_RUNTIME_DIR, and finds the image again",
    async () => {
      const socket = `unix://${join(user().directory, "runtime", "podman", "podman.sock")}`;
      const { status, answer } = await jsonAs(user(), ["ensure", "hermes"], { env: env() });
      expect([status, answer.results]).toMatchObject([
        0,
        [
          {
            ok: true,
            image: { source: "podman", cached: false, engine: { kind: "podman", address: socket } },
          },
        ],
      ]);
      const again = await jsonAs(user(), ["ensure", "hermes"], { env: env() });
      expect(again.answer.results).toMatchObject([{ ok: true, image: { cached: true } }]);
      const ran = await runAs(user(), ["run", "hermes", "--rm", "--", "/bin/sh", "-c", "id -u; exit 7"], {
        env: env(),
      });
      // Root inside the user's namespace.
      expect(ran).toMatchObject({ status: 7, stdout: "0\n" });
      const listed = await jsonAs(user(), ["list"], { env: env() });
      expect(listed.answer.images).toHaveLength(1);
      const pruned = await jsonAs(user(), ["prune", "--keep", "0"], { env: env() });
      expect(pruned.status).toBe(0);
    },
    patience,
  );

  test(
    "doctor finds that engine",
    async () => {
      const { answer } = await jsonAs(user(), ["doctor"], { env: env() });
      const engine = answer.findings?.find(({ id }) => id === "engine");
      expect(engine).toMatchObject({
        ok: true,
        message: expect.stringContaining("/runtime/podman/podman.sock"),
      });
    },
    patience,
  );
});

describeWithPodman(runner, "an ordinary user without a Podman service", () => {
  const { user, env } = useUser({ sources: { local: "podman" } });

  test(
    "gets a hint from ensure and doctor on how to start one",
    async () => {
      const hint = expect.stringContaining("systemctl --user enable --now podman.socket") as unknown;
      const { status, answer } = await jsonAs(user(), ["ensure", "hermes"], { env: env() });
      expect([status, answer.results]).toMatchObject([
        4,
        [
          {
            error: {
              code: "ENGINE_UNAVAILABLE",
              hint,
              message: expect.stringContaining("/runtime/podman/podman.sock"),
            },
          },
        ],
      ]);
      const doctor = await jsonAs(user(), ["doctor"], { env: env() });
      expect(doctor.answer.findings?.find(({ id }) => id === "engine")).toMatchObject({ ok: false, hint });
    },
    patience,
  );
});

describeWithBuildah(runner, "an ordinary user with buildah", () => {
  const config = { sources: { local: "buildah" }, options: { buildah: { isolation: "chroot" } } };
  const { user, env } = useUser(config);

  test(
    "builds into the user's own storage",
    async () => {
      const { status, answer } = await jsonAs(user(), ["ensure", "hermes"], { env: env() });
      expect([status, answer.results]).toMatchObject([
        0,
        [{ ok: true, image: { source: "buildah", cached: false } }],
      ]);
      const again = await jsonAs(user(), ["ensure", "hermes"], { env: env() });
      expect(again.answer.results).toMatchObject([{ ok: true, image: { cached: true } }]);
    },
    patience,
  );
});

describeWithBuildah(runner, "an ordinary user with buildah, but without ranges in /etc/subuid", () => {
  const config = { sources: { local: "buildah" }, options: { buildah: { isolation: "chroot" } } };
  const { user, env } = useUser(config, { mapsUsers: false });

  test(
    "gets a hint to add them, and the template is not blamed",
    async () => {
      const { status, answer } = await jsonAs(user(), ["ensure", "hermes"], { env: env() });
      expect([status, answer.results]).toMatchObject([
        4,
        [{ error: { code: "ENGINE_UNAVAILABLE", hint: expect.stringContaining("--add-subuids") } }],
      ]);
    },
    patience,
  );
});

describeWithEngine({ describe, test }, "an ordinary user and a Docker engine", () => {
  const { user, env } = useUser({});
  let engine: PrivateEngine | undefined;
  const socket = (): string => (engine?.address ?? "").slice("unix://".length);
  const withEngine = (): Record<string, string> => ({ ...env(), DOCKER_HOST: `unix://${socket()}` });
  beforeAll(async () => {
    engine = await startPrivateEngine();
    await chmod(dirname(socket()), 0o711);
    await chmod(socket(), 0o660);
  }, patience);
  afterAll(() => engine?.stop(), patience);

  test(
    "outside the socket's group gets a hint naming the group to join",
    async () => {
      await chown(socket(), 0, 0);
      const { status, answer } = await jsonAs(user(), ["ensure", "hermes"], { env: withEngine() });
      expect([status, answer.results]).toMatchObject([
        4,
        [
          {
            error: {
              code: "ENGINE_UNAVAILABLE",
              message: `the container engine at unix://${socket()} cannot be reached: permission denied (EACCES)`,
              hint: expect.stringContaining("sudo usermod -aG docker $USER"),
            },
          },
        ],
      ]);
    },
    patience,
  );

  describe("in the socket's group", () => {
    let built: Awaited<ReturnType<typeof jsonAs>>;
    beforeAll(async () => {
      await chown(socket(), 0, user().uid);
      built = await jsonAs(user(), ["ensure", "hermes"], { env: withEngine() });
    }, patience);
    afterEach(() => {
      ownedBy(user().uid, dirname(cacheOf(user())));
    });

    test(
      "builds and runs, with their own cache",
      async () => {
        const { status, answer } = built;
        expect([status, answer.results]).toMatchObject([0, [{ ok: true, image: { cached: false } }]]);
        const ran = await runAs(user(), ["run", "hermes", "--rm", "--", "/bin/sh", "-c", "exit 7"], {
          env: withEngine(),
        });
        expect(ran).toMatchObject({ status: 7 });
        expect((await lstat(cacheOf(user()))).uid).toBe(user().uid);
      },
      patience,
    );

    test(
      "running under sudo with the user's home, builds nothing and leaves nothing in that home",
      async () => {
        const before = await owners(user().directory);
        const refused = await jsonAs(user(), ["refresh", "hermes"], { env: withEngine(), bySudo: true });
        expect([refused.status, refused.answer.results]).toMatchObject([
          4,
          [{ error: { code: "STORAGE_UNUSABLE", hint: expect.stringContaining("sudo -H") } }],
        ]);
        expect(await owners(user().directory)).toEqual(before);
        const fresh = { ...withEngine(), XDG_CACHE_HOME: join(user().directory, "fresh") };
        const first = await jsonAs(user(), ["refresh", "hermes"], { env: fresh, bySudo: true });
        expect(first.answer.results).toMatchObject([{ error: { code: "STORAGE_UNUSABLE" } }]);
        expect(await readdir(user().directory)).not.toContain("fresh");
      },
      patience,
    );

    test.each([
      ["the whole cache", (): string => dirname(cacheOf(user()))],
      ["the checkouts of a runtime", (): string => join(cacheOf(user()), "hermes")],
    ])(
      "with %s left by sudo gets a command that restores ownership, and it works",
      async (_what, place) => {
        await mkdir(place(), { recursive: true });
        ownedBy(user().uid, dirname(cacheOf(user())));
        ownedBy(0, place());
        await chmod(place(), 0o700);
        const { status, answer } = await jsonAs(user(), ["refresh", "hermes"], { env: withEngine() });
        const base = dirname(cacheOf(user()));
        const command = `sudo chown -R ${String(user().uid)} ${base}`;
        expect([status, answer.results]).toMatchObject([
          4,
          [
            {
              error: {
                code: "STORAGE_UNUSABLE",
                message: expect.stringContaining(place()),
                hint: expect.stringContaining(command),
              },
            },
          ],
        ]);
        const doctor = await jsonAs(user(), ["doctor"], { env: withEngine() });
        const found = doctor.answer.findings?.find(({ id }) => id === "cache");
        if (place() === base)
          expect(found).toMatchObject({ ok: false, hint: expect.stringContaining(command) });
        ownedBy(user().uid, base);
        expect((await jsonAs(user(), ["refresh", "hermes"], { env: withEngine() })).status).toBe(0);
      },
      patience,
    );

    test(
      "still builds with locks, records and a checkout left by sudo",
      async () => {
        const [checkout = ""] = await readdir(join(cacheOf(user()), "hermes"));
        for (const name of ["locks", "records", join("hermes", checkout)])
          ownedBy(0, join(cacheOf(user()), name));
        const { status } = await jsonAs(user(), ["refresh", "hermes"], { env: withEngine() });
        expect(status).toBe(0);
      },
      patience,
    );
  });
});

function cacheOf(user: OrdinaryUser): string {
  return join(user.directory, ".cache", "molecule", "workspace-template-build");
}

function ownedBy(uid: number, place: string): void {
  const { status, stderr } = spawnSync("chown", ["-R", String(uid), place]);
  if (status !== 0) throw new Error(stderr.toString());
}

/** Returns every path below the directory, with its owner. */
async function owners(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory, { recursive: true });
  return Promise.all(
    names.toSorted().map(async (name) => `${name} ${String((await lstat(join(directory, name))).uid)}`),
  );
}
