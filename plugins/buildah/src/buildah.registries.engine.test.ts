import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import * as runner from "@jest/globals";
import { beforeEach, expect, test } from "@jest/globals";
import { createImageProvider, type HostImageProvider } from "@molecule/host";
import { describeWithBuildah, type GuardedRegistry } from "@molecule/test-fixtures";
import { failureOf, templateWith, useGuardedRegistries, useSource } from "@molecule/test-fixtures/source";
import plugin from "./index.js";

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** What could be seen of a build while it ran. */
interface Seen {
  readonly commands: Set<string>;
  /** By content, the mode. */
  readonly authFiles: Map<string, number>;
  stop(): Promise<void>;
}

describeWithBuildah(runner, "buildah and its registries", (storage) => {
  const world = useSource(plugin, createImageProvider);
  const registries = useGuardedRegistries();
  beforeEach(async () => {
    for (const registry of registries.both) {
      await tool("rmi", "--force", registry.image).catch(() => undefined);
    }
  });
  const tool = async (...args: readonly string[]): Promise<string> => {
    const env = { ...storage().env, PATH: process.env.PATH };
    return (await promisify(execFile)("buildah", [...args], { env })).stdout.trim();
  };

  /** With the credentials as the docker CLI finds them, and registries that speak plain http. */
  async function open(
    passwords: Readonly<Record<string, string>>,
    more: { options?: Readonly<Record<string, unknown>>; env?: Readonly<Record<string, string>> } = {},
  ): Promise<HostImageProvider> {
    const registriesConf = join(world.directory, "registries.conf");
    const entries = registries.both.map(
      ({ host }) => `[[registry]]\nlocation = "${host}"\ninsecure = true\n`,
    );
    await writeFile(registriesConf, entries.join(""));
    const auths = Object.fromEntries(
      Object.entries(passwords).map(([host, written]) => [host, { auth: base64(written) }]),
    );
    return world.open({
      env: {
        ...storage().env,
        CONTAINERS_REGISTRIES_CONF: registriesConf,
        DOCKER_AUTH_CONFIG: JSON.stringify({ auths }),
        ...more.env,
      },
      options: more.options ?? {},
    });
  }
  const login = ({ user, password }: GuardedRegistry): string => `${user}:${password}`;
  const authDirectory = (): string => join(world.directory, "cache", ".auth");

  function watch(): Seen {
    const seen: Omit<Seen, "stop"> = { commands: new Set(), authFiles: new Map() };
    const look = async (): Promise<void> => {
      for (const name of await readdir(authDirectory()).catch(() => [])) {
        const path = join(authDirectory(), name, "auth.json");
        const content = await readFile(path, "utf8").catch(() => "");
        if (content !== "")
          seen.authFiles.set(content, (await stat(path).catch(() => undefined))?.mode ?? 0o100600);
      }
      for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
        const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
        if (/^(?:\S*\/)?buildah\0/.test(command)) seen.commands.add(command);
      }
    };
    // One after the other, because concurrent checks would slow each other down on a busy machine.
    const state = { isOver: false };
    const watching = (async () => {
      while (!state.isOver) {
        await look();
        await sleep(10);
      }
    })();
    return {
      ...seen,
      stop: async () => {
        state.isOver = true;
        await watching;
      },
    };
  }

  test("sends each registry its own credentials, from a private file that is removed afterwards", async () => {
    const { runtime } = await world.addTemplate(registries.bases());
    const strange = "stranger.example:5000";
    const images = await open({
      [registries.one.host]: login(registries.one),
      [registries.other.host]: login(registries.other),
      [strange]: "x:not-needed",
    });
    const seen = watch();
    await images.ensure(runtime).finally(() => seen.stop());
    expect(registries.one.told()).toEqual([login(registries.one)]);
    expect(registries.other.told()).toEqual([login(registries.other)]);
    expect([...seen.authFiles.keys()].map((text) => JSON.parse(text) as unknown)).toEqual([
      {
        auths: {
          [registries.one.host]: { auth: base64(login(registries.one)) },
          [registries.other.host]: { auth: base64(login(registries.other)) },
        },
      },
    ]);
    expect([...seen.authFiles.values()].map((mode) => mode & 0o777)).toEqual([0o600]);
    expect((await stat(authDirectory())).mode & 0o777).toBe(0o700);
    expect(await readdir(authDirectory())).toEqual([]);
    const commands = [...seen.commands].join("\n");
    expect(commands).toContain("--authfile=");
    for (const { password, user } of registries.both)
      for (const secret of [password, base64(`${user}:${password}`)]) expect(commands).not.toContain(secret);
  });

  test("uses buildah's own logins if there are no credentials", async () => {
    const { runtime } = await world.addTemplate(registries.bases());
    const file = join(world.directory, "logins.json");
    await writeFile(
      file,
      JSON.stringify({
        auths: {
          [registries.one.host]: { auth: base64(login(registries.one)) },
          [registries.other.host]: { auth: base64(login(registries.other)) },
        },
      }),
    );
    await (await open({}, { env: { REGISTRY_AUTH_FILE: file } })).ensure(runtime);
    expect(registries.one.told()).toEqual([login(registries.one)]);
  });

  test("sends a registry without credentials none, and builds nothing", async () => {
    const { runtime } = await world.addTemplate(registries.bases());
    const failure = await failureOf(
      (await open({ [registries.one.host]: login(registries.one) })).ensure(runtime),
    );
    // buildah does not report why the image is missing; a pull does.
    expect(failure).toMatchObject({
      code: "SOURCE_DENIED",
      message: expect.stringContaining(registries.other.host),
    });
    // Without credentials, it sends an empty user name and password.
    expect(registries.other.told().filter((text) => text !== ":")).toEqual([]);
    expect(await readdir(authDirectory())).toEqual([]);
  });

  test("a wrong password is denied by its registry, and shown nowhere", async () => {
    const { runtime } = await world.addTemplate(registries.bases());
    const images = await open({ [registries.one.host]: "one:wrong-password" });
    const failure = await failureOf(images.ensure(runtime));
    expect(failure).toMatchObject({
      code: "SOURCE_DENIED",
      message: expect.stringContaining(registries.one.host),
    });
    expect(`${failure.message}${failure.output ?? ""}`).not.toContain("wrong-password");
  });

  test("shares builds with the credentials of the shared registry", async () => {
    const { runtime } = await world.addTemplate({ Dockerfile: "FROM scratch\nCOPY Dockerfile /d\n" });
    const share = { registry: `${registries.one.host}/shared`, push: true };
    const passwords = {
      [registries.one.host]: login(registries.one),
      [registries.other.host]: login(registries.other),
    };
    const images = await open(passwords, { options: { share } });
    const built = await images.ensure(runtime);
    expect(registries.one.told()).toEqual([login(registries.one)]);
    await tool("rmi", "--force", built.imageId);
    registries.one.forget();
    const taken = await images.ensure(runtime);
    expect(taken.imageId).toBe(built.imageId);
    expect(registries.one.requests.at(-1)?.path).toContain("/blobs/");
    expect(registries.one.told()).toEqual([login(registries.one)]);
    expect(registries.other.told()).toEqual([]);
    expect(await readdir(authDirectory())).toEqual([]);
  });

  test("build secrets exist only during their step", async () => {
    const secrets = { word: "canary+of/variable", line: "canary of a file\nwith two lines" };
    const file = join(world.directory, "a secret file");
    await writeFile(file, secrets.line);
    const { runtime } = await world.addTemplate(
      templateWith(
        [
          "RUN --mount=type=secret,id=word,required=true --mount=type=secret,id=line,required=true" +
            " (cat /run/secrets/word; cat /run/secrets/line) | sha256sum > /sum; cat /run/secrets/word /run/secrets/line; sleep 1",
          "RUN ! cat /run/secrets/word",
        ].join("\n"),
      ),
    );
    const options = { secrets: { word: { env: "WORD" }, line: { file } } };
    const images = await open({}, { options, env: { WORD: secrets.word } });
    const seen = watch();
    const events: unknown[] = [];
    const image = await images
      .ensure(runtime, { onProgress: (event) => events.push(event) })
      .finally(() => seen.stop());
    const mounted = await tool("from", image.imageId);
    const root = await tool("mount", mounted);
    const tree = await promisify(execFile)("grep", ["-rl", "-e", "canary", root]).catch(
      (error: unknown) => error as { readonly stdout: string },
    );
    const sum = await readFile(join(root, "sum"), "utf8");
    await tool("rm", mounted);
    expect(sum.split(" ")[0]).toBe(
      createHash("sha256")
        .update(secrets.word + secrets.line)
        .digest("hex"),
    );
    expect(tree.stdout).toBe("");
    const commands = [...seen.commands].join("\n");
    expect(commands).toContain("--secret=id=word,env=");
    const told =
      JSON.stringify(events) + (await tool("inspect", "--type", "image", image.imageId)) + commands;
    expect(told).toContain("***");
    for (const hidden of [secrets.word, ...secrets.line.split("\n"), base64(secrets.word)])
      expect(told).not.toContain(hidden);
  });

  test("a missing secret ends the call before anything is fetched", async () => {
    const { runtime } = await world.addTemplate(registries.bases());
    const images = await open({}, { options: { secrets: { word: { env: "NOT_SET" } } } });
    const before = world.forge.gitRequests().length;
    expect(await failureOf(images.ensure(runtime))).toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("NOT_SET"),
    });
    expect(world.forge.gitRequests()).toHaveLength(before);
  });
});
