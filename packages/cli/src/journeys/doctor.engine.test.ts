import { existsSync } from "node:fs";
import { chmod, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import {
  describeWithEngine,
  mountSmallDisk,
  startPrivateEngine,
  startRegistry,
  type PrivateEngine,
  type Registry,
  type SmallDisk,
} from "@molecule/test-fixtures";
import { startFakeEngine } from "@molecule/testkit";
import { noEngine, openWorld, type Finding, type World } from "./command-world.test.support.js";

const token = "d0ctor-t0ken+with/signs";
/** Containers and other systems do not show which emulators the engine's kernel has. */
const seesEmulators = existsSync("/proc/sys/fs/binfmt_misc/status");
type Env = Readonly<Record<string, string | undefined>>;

async function examined(world: World, env: Env = {}, args: readonly string[] = []) {
  const { status, answer } = await world.json(["doctor", ...args], env);
  const findings = answer.findings ?? [];
  expect(status).toBe(findings.every(({ ok }) => ok) ? 0 : 1);
  for (const { level, message, hint } of findings) {
    expect(message).toMatch(/^\S.*$/);
    if (level === "ok") expect(hint).toBe("");
    else expect(hint).toMatch(/^[A-Z].{15,}$/);
  }
  const of = (id: string): Finding | undefined => findings.find((finding) => finding.id === id);
  return { findings, of, status, bad: findings.filter(({ ok }) => !ok).map(({ id }) => id) };
}

describeWithEngine({ describe, test }, "molecule-image doctor", ({ address }) => {
  let world: World;
  let registry: Registry;
  let modern: PrivateEngine;
  beforeAll(async () => {
    world = await openWorld(address);
    await world.forge.addTemplate("hermes", { Dockerfile: "FROM scratch\n" });
    world.forge.requireToken(token);
    registry = await startRegistry({ htpasswd: { user: "somebody", password: "s0mething-secret" } });
    modern = await startPrivateEngine({ offersBuildkit: true });
  });
  afterAll(async () => {
    await world.close();
    await registry.stop();
    await modern.stop();
  });

  test("with the source buildkit, checks the builders and not the engine's builder", async () => {
    const options = { buildkit: { addr: "unix:///nonexistent/buildkitd.sock" } };
    const config = await world.write(
      "buildkit.json",
      JSON.stringify({ sources: { local: "buildkit" }, options }),
    );
    const { findings, of } = await examined(world, {}, ["--config", config]);
    expect(findings.filter(({ id }) => id === "buildkit")).toMatchObject([
      { ok: false, message: expect.stringMatching(/buildctl|buildkitd\.sock/) },
    ]);
    expect(of("engine")).toMatchObject({ level: "ok" });
    const emulated = await examined(world, { MOLECULE_IMAGE_PLATFORM: "linux/s390x" }, ["--config", config]);
    expect(emulated.of("platform")?.message).not.toContain("builds are emulated");
  });

  test("reports no problem on a healthy setup, lists what it checked, and changes nothing", async () => {
    const before = world.forge.requests.length;
    const env = { DOCKER_HOST: modern.address, MOLECULE_GITEA_TOKEN: token };
    const { findings, of, status } = await examined(world, env);
    expect([findings.filter(({ ok }) => !ok), status]).toEqual([[], 0]);
    expect(findings.map(({ id }) => id)).toEqual([
      "configuration",
      "plugins",
      "engine",
      "buildkit",
      "platform",
      "cache",
      "disk.cache",
      "disk.temp",
      "disk.engine",
      "forge",
      "clock",
      "git",
      "isolation",
    ]);
    expect(of("engine")?.message).toMatch(/^Docker Engine \d+\.\d+\S*, API 1\.\d+, at unix:\/\//);
    expect(of("disk.engine")?.message).toContain(modern.dataRoot);
    expect(of("forge")?.message).toContain("accepts the token of testkit");
    const paths = world.forge.requests.slice(before).map(({ path }) => path);
    expect(paths[0]).toBe("/api/v1/user");
    expect(paths).toContainEqual(expect.stringContaining("-hermes.git/info/refs"));
    expect(of("forge")?.message).toMatch(
      /; it has the templates of hermes, but not of claude-code, langgraph, /,
    );
    const plain = await world.run(["doctor"], env);
    expect(plain).toMatchObject({ status: 0, stderr: "" });
    expect(plain.stdout.split("\n").every((line) => line === "" || line.startsWith("ok   "))).toBe(true);
  });

  test("reports an engine without BuildKit, and a platform without an emulator", async () => {
    const { of, bad } = await examined(world, {
      MOLECULE_GITEA_TOKEN: token,
      MOLECULE_IMAGE_PLATFORM: "linux/loong64",
    });
    expect(bad).toEqual(seesEmulators ? ["platform"] : []);
    expect(of("buildkit")).toMatchObject({
      level: "warn",
      message: expect.stringMatching(/classic builder, whose cache can be poisoned \(CVE-2024-24557\)$/),
      hint: expect.stringContaining("daemon.json"),
    });
    expect(of("platform")).toMatchObject({
      level: seesEmulators ? "bad" : "warn",
      message: expect.stringContaining(seesEmulators ? "qemu-loong64" : "cannot check the emulator"),
      hint: expect.stringContaining("MOLECULE_IMAGE_PLATFORM=native"),
    });
    const plain = await world.run(["doctor"], {
      MOLECULE_GITEA_TOKEN: token,
      MOLECULE_IMAGE_PLATFORM: "linux/loong64",
    });
    expect(plain.status).toBe(seesEmulators ? 1 : 0);
    expect(plain.stdout).toMatch(/^(?:BAD|!!) +platform +.*\n +hint: /m);
  });

  test("asks the engine to reach the registry with the user's credentials, and sends them nowhere else", async () => {
    const registryEnv = { MOLECULE_IMAGE_REGISTRY: `${registry.host}/acme`, DOCKER_HOST: modern.address };
    const denied = await examined(world, registryEnv);
    expect(denied.bad).toEqual(["registry"]);
    expect(denied.of("registry")?.message).toMatch(/needs credentials that the registry accepts/);
    expect(denied.of("credentials")).toMatchObject({
      level: "warn",
      message: `none are configured for ${registry.host}, and it denies access`,
    });
    expect(denied.of("forge") ?? denied.of("git")).toBeUndefined();

    const auth = Buffer.from("somebody:s0mething-secret").toString("base64");
    const config = await dockerConfig(world, { auths: { [registry.host]: { auth } } });
    const diagnosis = await examined(world, { ...registryEnv, DOCKER_CONFIG: config });
    expect(diagnosis.bad).toEqual(["registry"]);
    expect(diagnosis.of("registry")?.message).toContain(
      `has no image for any runtime, such as ${registry.host}/acme/workspace-template-`,
    );
    expect(diagnosis.of("credentials")?.message).toContain(`auths["${registry.host}"]`);
    expect(JSON.stringify(diagnosis.findings)).not.toContain("s0mething-secret");
    expect(JSON.stringify(diagnosis.findings)).not.toContain(auth);
  });

  test("reports an unreachable registry, and credentials that cannot be read", async () => {
    const config = await dockerConfig(world, { credHelpers: { "127.0.0.1:1": "not-installed" } });
    const away = { MOLECULE_IMAGE_REGISTRY: "127.0.0.1:1", DOCKER_HOST: modern.address };
    expect((await examined(world, away)).bad).toEqual(["registry"]);
    const { bad, of } = await examined(world, { ...away, DOCKER_CONFIG: config });
    expect(bad).toContain("credentials");
    expect(of("credentials")?.message).toContain("not-installed");
  });
});

async function dockerConfig(world: World, content: object): Promise<string> {
  const directory = join(world.home, `docker-${String(Math.random()).slice(2)}`);
  await mkdir(directory);
  await writeFile(join(directory, "config.json"), JSON.stringify(content));
  return directory;
}

describe("molecule-image doctor", () => {
  let world: World;
  const cleanups: (() => Promise<unknown>)[] = [];
  beforeEach(async () => {
    world = await openWorld(noEngine);
    await world.forge.addTemplate("hermes", { Dockerfile: "FROM scratch\n" });
  });
  afterEach(async () => {
    await world.close();
    for (const cleanup of cleanups.splice(0)) await cleanup();
  });

  test("without an engine, reports that once and skips the checks that need one", async () => {
    const { of, bad, findings } = await examined(world);
    expect(bad).toEqual(["engine"]);
    expect(of("engine")?.message).toContain(noEngine);
    for (const id of ["buildkit", "platform", "disk.engine"]) expect(of(id)).toBeUndefined();
    expect(findings.length).toBeGreaterThan(5);
  });

  test("reports an engine and a forge that do not respond within ten seconds", async () => {
    const sockets: Socket[] = [];
    const engine = createServer((socket) => sockets.push(socket));
    const path = join(world.home, "silent.sock");
    await new Promise<void>((resolve) => engine.listen(path, resolve));
    cleanups.push(async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => engine.close(resolve));
    });
    world.forge.fault("api", { hang: true });
    const began = performance.now();
    const { of, bad } = await examined(world, { DOCKER_HOST: `unix://${path}` });
    expect(performance.now() - began).toBeLessThan(25_000);
    expect(bad).toEqual(["engine", "forge"]);
    expect(of("engine")?.message).toBe("no response within 10 s");
  });

  test("reports every problem of the configuration in one finding, and continues", async () => {
    await world.write(".moleculerc", "timout: 5m\nplatform: 7\n");
    const { of, bad } = await examined(world);
    expect(bad).toEqual(["configuration", "engine"]);
    expect(of("configuration")?.message).toMatch(
      /2 problems: .*platform: .*timout: .*did you mean "timeout".*\[CONFIG_INVALID\]$/,
    );
    expect(of("forge")?.ok).toBe(true);
  });

  test("reports an untrusted project file, and applies the user's own file", async () => {
    await mkdir(join(world.home, ".config", "molecule"), { recursive: true });
    await writeFile(join(world.home, ".config", "molecule", "config.yaml"), "platform: linux/arm64\n");
    await world.write(".moleculerc", "cacheDir: /somewhere\n");
    const { of, bad } = await examined(world);
    expect(bad).toEqual(["configuration", "engine"]);
    expect(of("configuration")).toMatchObject({
      message: expect.stringContaining("[CONFIG_UNTRUSTED]"),
      hint: expect.stringContaining("molecule-image trust"),
    });
    expect(of("cache")?.message).toContain(world.cache);
  });

  test("reports an invalid registry prefix, and options for no known source", async () => {
    const prefix = await examined(world, { MOLECULE_IMAGE_REGISTRY: "https://r.example.com/" });
    expect(prefix.bad).toEqual(["configuration", "engine"]);
    expect(prefix.of("configuration")?.message).toContain("it has a scheme");
    const flag = await examined(world, {}, ["--platform", "windows/amd64"]);
    expect(flag.of("configuration")?.message).toContain("windows/amd64");
    const isolation = await examined(world, { MOLECULE_LOCAL_IMAGE_ISOLATION: "Not Usable" });
    expect(isolation.bad).toEqual(["engine", "isolation"]);
  });

  test("reports plugins that do not load, and checks that throw or never finish", async () => {
    const source = "resolve() {}, find() {}, provide() {}";
    const plugin = (name: string, diagnose: string): string =>
      `export default { name: "${name}", apiVersion: 1, modes: ["local"], capabilities: ["diagnosable"],
         create: () => ({ name: "${name}", ${source}, diagnose: async () => { ${diagnose} } }) };`;
    const finding =
      '[{ id: "acme.licence", ok: false, message: "it has \\u001brun out", hint: "Buy another one." }]';
    await world.write("good.mjs", plugin("good", `return ${finding};`));
    await world.write("bad.mjs", plugin("bad", "throw new RangeError('oh no');"));
    await world.write(
      "endless.mjs",
      plugin("endless", "await new Promise((resolve) => setTimeout(resolve, 60_000));"),
    );
    const doctor = async (local: string, plugins: readonly string[]) =>
      examined(world, {}, [
        "--config",
        await world.write("own.json", JSON.stringify({ sources: { local }, plugins })),
      ]);

    const missing = await doctor("good", ["./gone.mjs", "./good.mjs"]);
    expect(missing.bad).toEqual(["plugins", "engine"]);
    expect(missing.of("plugins")?.message).toMatch(/gone\.mjs.*\[PLUGIN_NOT_FOUND\]/);
    const good = await doctor("good", ["./good.mjs"]);
    expect(good.bad).toEqual(["engine", "acme.licence"]);
    expect(good.of("acme.licence")?.message).toBe("it has \\u001brun out");
    expect((await doctor("bad", ["./bad.mjs"])).of("source")?.message).toContain("oh no");
    expect((await doctor("endless", ["./endless.mjs"])).of("source")?.message).toBe(
      "no response within 22 s",
    );
    expect((await doctor("nowhere", [])).bad).toContain("plugins");
  });

  test("reports a forge that rejects the token, requires one, is not Gitea, or is down", async () => {
    world.forge.requireToken(token);
    const refused = await examined(world, { MOLECULE_GITEA_TOKEN: "another-t0ken" });
    expect(refused.bad).toEqual(["engine", "forge"]);
    expect(refused.of("forge")?.message).toContain("does not accept MOLECULE_GITEA_TOKEN");
    expect(JSON.stringify(refused.findings)).not.toContain("another-t0ken");

    const scope = { status: 403, body: '{"message":"scope"}' };
    world.forge.fault("api", scope, { times: 1 });
    const narrow = await examined(world, { MOLECULE_GITEA_TOKEN: token });
    expect(narrow.of("forge")).toMatchObject({
      ok: true,
      message: expect.stringContaining("may not read its user"),
    });

    world.forge.fault("api", { status: 403, body: "{}" }, { times: 1 });
    expect((await examined(world)).of("forge")?.hint).toContain("MOLECULE_GITEA_TOKEN");
    world.forge.fault("api", { body: "<html>log in</html>" }, { times: 1 });
    expect((await examined(world)).of("forge")?.message).toContain("is not a Gitea API");
    const away = { MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX: "http://127.0.0.1:1/acme/t-" };
    expect((await examined(world, away)).bad).toEqual(["engine", "forge"]);
    const inClear = { MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX: "http://git.example.com/acme/t-" };
    const refusedHere = await examined(world, { ...inClear, MOLECULE_GITEA_TOKEN: token });
    expect(refusedHere.of("forge")?.message).toContain("unencrypted");
  });

  test("asks a forge that serves only repositories for a repository", async () => {
    world.forge.fault(/\/api\/v1\/version/, { status: 404, body: "no" });
    const { of } = await examined(world);
    expect(of("forge")).toMatchObject({ ok: true, message: expect.stringContaining("does not report") });
    world.forge.fault("api", { status: 404, body: "no" });
    expect((await examined(world)).of("forge")?.ok).toBe(false);
  });

  test("reports a valid token that can read no repository, and names a missing scope", async () => {
    world.forge.requireToken(token, { mayReadRepositories: false });
    const { of, bad } = await examined(world, { MOLECULE_GITEA_TOKEN: token });
    expect(bad).toEqual(["engine", "forge"]);
    expect(of("forge")?.hint).toContain("[read:repository]");
  });

  test("reports a forge that requires a token for repositories only, and a wrong organisation", async () => {
    const MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX = world.forge.repoPrefix("nobody");
    const wrong = await examined(world, { MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX });
    expect(wrong.bad).toEqual(["engine", "forge"]);
    expect(wrong.of("forge")?.hint).toContain("MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX");
    world.forge.requireToken(token);
    const closed = await examined(world);
    expect(closed.bad).toEqual(["engine", "forge"]);
    expect(closed.of("forge")?.hint).toContain("MOLECULE_GITEA_TOKEN");
  });

  test("reports a forge whose git access is disabled", async () => {
    world.forge.disableGit();
    const { of, bad } = await examined(world);
    expect(bad).toEqual(["engine", "forge"]);
    expect(of("forge")?.message).toContain("not allowed");
  });

  test("looks up named runtimes, and rejects an unknown one before contacting any server", async () => {
    const { of, bad } = await examined(world, {}, ["hermes", "codex", "hermes"]);
    expect(bad).toEqual(["engine", "template.codex"]);
    expect(of("template.hermes")).toMatchObject({
      ok: true,
      message: expect.stringMatching(/-hermes\.git, commit [0-9a-f]{12} of the branch main$/),
    });
    world.forge.setEmpty("hermes", true);
    const empty = await examined(world, {}, ["hermes"]);
    expect(empty.of("template.hermes")?.hint).toContain("`options.gitea-local-build.branch`");
    const before = world.forge.requests.length;
    const { status, answer } = await world.json(["doctor", "hermse"]);
    expect([status, answer.error?.code]).toEqual([2, "RUNTIME_UNKNOWN"]);
    expect(world.forge.requests).toHaveLength(before);
  });

  test("without names, looks up all templates, and reports one that exists but cannot be used", async () => {
    await world.forge.addTemplate("codex", { Dockerfile: "FROM scratch\n" });
    const fine = await examined(world);
    expect(fine.of("forge")).toMatchObject({
      level: "ok",
      message: expect.stringMatching(/; it has the templates of hermes, codex, but not of claude-code, /),
    });
    world.forge.fault(/-codex\/branches\//, { body: "{}" });
    const { of, bad } = await examined(world);
    expect(bad).toEqual(["engine"]);
    expect(of("forge")).toMatchObject({
      level: "warn",
      message: expect.stringMatching(/and cannot look up codex: .*-codex\/branches\/main/),
    });
  });

  test("reports a configured working copy that does not exist", async () => {
    const templates = { hermes: { path: "./gone" } };
    const config = await world.write(
      "w.json",
      JSON.stringify({ options: { "gitea-local-build": { templates } } }),
    );
    const { of, bad } = await examined(world, {}, ["--config", config]);
    expect(bad).toContain("template.hermes");
    expect(of("template.hermes")?.message).toContain("gone");
  });

  test("reports a clock that differs from the forge's", async () => {
    const date = new Date(Date.now() - 3_600_000).toUTCString();
    const headers = { date, "content-type": "application/json" };
    world.forge.fault(/\/api\/v1\/version/, { headers, body: '{"version":"1.2"}' });
    const { of, bad } = await examined(world);
    expect(bad).toEqual(["engine", "clock"]);
    expect(of("clock")?.message).toMatch(/^the clock is (?:59|60) minutes ahead of the forge's$/);
  });

  test("reports missing git, and missing buildah if buildah is the builder", async () => {
    const PATH = dirname(process.execPath);
    const onlyNode = join(world.home, "bin");
    await mkdir(onlyNode);
    await symlink(join(PATH, "node"), join(onlyNode, "node"));
    const { of, bad } = await examined(world, { PATH: onlyNode });
    expect(bad).toEqual(["engine", "git"]);
    expect(of("git")?.hint).toContain("apt install git");
    const config = await world.write("b.json", JSON.stringify({ sources: { local: "buildah" } }));
    const buildah = await examined(world, { PATH: onlyNode }, ["--config", config]);
    // This check needs no engine.
    expect(buildah.bad).toEqual(["git", "buildah"]);
    expect(buildah.of("engine")).toBeUndefined();
    const podman = await world.write("p.json", JSON.stringify({ sources: { local: "podman" } }));
    const env = { CONTAINER_HOST: "unix:///nonexistent/podman.sock" };
    const away = await examined(world, env, ["--config", podman]);
    expect(away.of("engine")?.message).toContain("/nonexistent/podman.sock");
  });

  test("reports a cache directory that is a link, open to others, not the user's, or read-only", async () => {
    await symlink(world.home, world.cache);
    expect((await examined(world)).of("cache")?.message).toContain("is a link");
    await rm(world.cache);
    await mkdir(world.cache);
    expect((await examined(world)).of("cache")?.ok).toBe(true);
    await chmod(world.cache, 0o777);
    expect((await examined(world)).of("cache")).toMatchObject({
      ok: false,
      hint: expect.stringContaining("chmod 700"),
    });
    await rm(world.cache, { recursive: true });
    await writeFile(world.cache, "");
    expect((await examined(world)).bad).toEqual(["engine", "cache"]);
  });
});

const isRootOnLinux = process.platform === "linux" && process.getuid?.() === 0;
(isRootOnLinux ? describe : describe.skip)("molecule-image doctor and disks (needs root on Linux)", () => {
  let world: World;
  let disk: SmallDisk;
  beforeAll(async () => {
    world = await openWorld(noEngine);
    await world.forge.addTemplate("hermes", { Dockerfile: "FROM scratch\n" });
    disk = await mountSmallDisk(8);
  });
  afterAll(async () => {
    await world.close();
    await disk.remove();
  });

  test("reports too little space for checkouts, temporary files and the engine's images", async () => {
    const fake = await startFakeEngine((request, response) => {
      response.writeHead(200, {
        "content-type": "application/json",
        server: "Docker/25.0.3",
        "builder-version": "2",
      });
      const version = { Version: "25.0.3", ApiVersion: "1.44", Os: "linux", Arch: "amd64" };
      response.end(JSON.stringify({ ...version, DockerRootDir: disk.path }));
    });
    const { of, bad } = await examined(world, {
      MOLECULE_LOCAL_BUILD_CACHE: join(disk.path, "cache"),
      TMPDIR: disk.path,
      DOCKER_HOST: fake.address,
    });
    await fake.stop();
    expect(bad).toEqual(["disk.cache", "disk.temp", "disk.engine"]);
    expect(of("disk.engine")?.message).toBe(`only 0.0 GB free for the engine's images (${disk.path})`);
  });

  test("does not promise a cache directory that cannot be created, even to root", async () => {
    for (const place of ["/proc/molecule/cache", `/${"x".repeat(300)}/cache`]) {
      const { of, bad } = await examined(world, { MOLECULE_LOCAL_BUILD_CACHE: place });
      expect(bad).toEqual(["engine", "cache"]);
      expect(of("cache")?.message).toContain(place);
      expect(of("disk.cache")).toBeUndefined();
    }
  });

  test("reports a cache directory on a read-only disk", async () => {
    await disk.setReadOnly(true);
    const { of } = await examined(world, { MOLECULE_LOCAL_BUILD_CACHE: join(disk.path, "cache") });
    expect(of("cache")?.message).toContain("EROFS");
    await disk.setReadOnly(false);
  });
});
