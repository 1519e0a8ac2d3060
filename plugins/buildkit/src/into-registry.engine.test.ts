import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as runner from "@jest/globals";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { ProgressEvent } from "@molecule/core";
import { createImageProvider, type HostImageProvider } from "@molecule/host";
import {
  describeWithBuildkit,
  putImage,
  startBuildkitd,
  startRegistry,
  tracesOf,
  watchRegistry,
  type Registry,
  type WatchedRegistry,
} from "@molecule/test-fixtures";
import { failureOf, templateWith, useSource } from "@molecule/test-fixtures/source";
import { helloTemplate } from "@molecule/testkit";
import { orderFor } from "./choose-builder.js";
import plugin from "./index.js";
import { readRegistry, runPublished } from "./registry-images.test.support.js";

const team = { user: "builder", password: "pass-word/of the team" };
const down = "unix:///nonexistent/buildkitd.sock";

describeWithBuildkit(runner, "a build into a registry, with no engine", (buildkit) => {
  const world = useSource(plugin, createImageProvider);
  let registry: Registry;
  let door: WatchedRegistry;
  /** The status for requests that the registry refuses. */
  let refusal: (request: WatchedRegistry["requests"][number]) => number | undefined;
  beforeAll(async () => {
    registry = await startRegistry({ htpasswd: team });
    door = await watchRegistry(registry, (request) => refusal(request));
  });
  beforeEach(() => {
    refusal = () => undefined;
  });
  afterAll(async () => {
    await door.stop();
    await registry.stop();
  });

  const loggedIn = (login: string): Record<string, string> => {
    const auth = Buffer.from(login).toString("base64");
    return { DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { [door.host]: { auth } } }) };
  };
  const env = (): Record<string, string> => ({
    PATH: `${buildkit().programs}:${process.env.PATH ?? ""}`,
    DOCKER_HOST: "unix:///nonexistent/docker.sock",
    ...loggedIn(`${team.user}:${team.password}`),
  });
  const prefix = (): string => `${door.host}/team`;
  const open = (
    options: Readonly<Record<string, unknown>> = {},
    more: Readonly<Record<string, string>> = {},
    logger?: Parameters<typeof world.open>[0]["logger"],
  ): Promise<HostImageProvider> =>
    world.open({
      env: { ...env(), ...more },
      options: { addr: buildkit().address, into: "registry", registry: prefix(), ...options },
      ...(logger && { logger }),
    });
  const reader = () => readRegistry(registry.host, team);
  const repository = (runtime: string): string => `team/workspace-template-${runtime}`;
  const tags = async (runtime: string): Promise<readonly string[]> =>
    (await reader().names())
      .filter((name) => name.startsWith(`${repository(runtime)}:`))
      .map((name) => name.slice(repository(runtime).length + 1))
      .sort();
  const requestsOf = async (work: () => Promise<unknown>): Promise<readonly string[]> => {
    const from = door.requests.length;
    await work();
    return door.requests.slice(from).map(({ method, path }) => `${method} ${path}`);
  };

  test("is pushed by digest, then tagged; the result names it by digest", async () => {
    const { runtime, commit } = await world.addTemplate(helloTemplate({ message: "first" }));
    const images = await open();
    const name = `${prefix()}/workspace-template-${runtime}`;
    const tag = commit.slice(0, 12);
    expect(await images.plan(runtime)).toMatchObject({
      hit: false,
      reference: `${name}:${tag}`,
      step: "build",
    });
    const built = await images.ensure(runtime);
    expect(built).toMatchObject({
      source: "buildkit",
      reference: `${name}@${String(built.digest)}`,
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      revision: commit,
      platform: "linux/amd64",
      engine: null,
      cached: false,
      stale: false,
    });
    expect(await tags(runtime)).toEqual([tag, "latest"]);
    const stored = await reader().manifest(`${repository(runtime)}:${tag}`);
    expect(stored).toMatchObject({ digest: built.digest, config: { digest: built.imageId } });
    const { config } = JSON.parse((await reader().blob(repository(runtime), built.imageId)).toString()) as {
      readonly config: { readonly Labels: unknown };
    };
    expect(config.Labels).toMatchObject({
      "org.opencontainers.image.revision": commit,
      "molecule.image.runtime": runtime,
      "molecule.image.build-key": built.buildKey,
      "molecule.image.managed-by": "buildkit",
    });
    expect(await runPublished(reader(), `${repository(runtime)}@${String(built.digest)}`)).toBe("first\n");

    await world.forge.commit(runtime, { "message.txt": "other\n" });
    const next = await images.ensure(runtime);
    expect(await runPublished(reader(), `${repository(runtime)}@${String(next.digest)}`)).toBe("other\n");
    const latest = await reader().manifest(`${repository(runtime)}:latest`);
    expect(latest?.digest).toBe(next.digest);
  });

  test("is found again on another host, with every builder down, by reading only", async () => {
    const { runtime } = await world.addTemplate(helloTemplate());
    const built = await (await open()).ensure(runtime);
    const other = await open({ addr: down }, { MOLECULE_LOCAL_BUILD_CACHE: join(world.directory, "other") });
    let hit: unknown;
    const requests = await requestsOf(async () => {
      hit = await other.ensure(runtime);
    });
    expect(hit).toEqual({ ...built, cached: true, durationMs: expect.any(Number) });
    expect(requests.filter((request) => !request.startsWith("GET "))).toEqual([]);
    expect(await other.plan(runtime)).toMatchObject({
      hit: true,
      reference: built.reference,
      digest: built.digest,
    });
    expect(await failureOf(other.refresh(runtime))).toMatchObject({ code: "ENGINE_UNAVAILABLE" });
  });

  test("refresh builds without cache and moves the tag", async () => {
    const { runtime, commit } = await world.addTemplate(templateWith("RUN date +%s%N > /now"));
    const images = await open();
    const first = await images.ensure(runtime);
    const again = await images.refresh(runtime);
    expect(again).toMatchObject({ cached: false, revision: commit });
    expect(again.digest).not.toBe(first.digest);
    const tagged = await reader().manifest(`${repository(runtime)}:${commit.slice(0, 12)}`);
    expect(tagged?.digest).toBe(again.digest);
    expect((await images.ensure(runtime)).digest).toBe(again.digest);
  });

  test("another platform has a tag of its own", async () => {
    const { runtime, commit } = await world.addTemplate({ Dockerfile: "FROM scratch\nCOPY . /app\n" });
    await (await open()).ensure(runtime);
    const arm = await (await open({}, { MOLECULE_IMAGE_PLATFORM: "linux/arm64" })).ensure(runtime);
    expect(arm).toMatchObject({ platform: "linux/arm64", cached: false });
    const tag = commit.slice(0, 12);
    expect(await tags(runtime)).toEqual([tag, `${tag}-arm64`, "latest", "latest-arm64"]);
  });

  test("a process that waits for the lock finds the tag; another machine gets an image of its own", async () => {
    const { runtime } = await world.addTemplate(templateWith("RUN echo begun; sleep 2"));
    const builds: string[] = [];
    const ensure = async (more: Readonly<Record<string, string>> = {}) =>
      (await open({}, more)).ensure(runtime, {
        onProgress: (event) => {
          if (event.type === "started" && event.step === "build") builds.push(event.what);
        },
      });
    const [one, other] = await Promise.all([ensure(), ensure()]);
    expect(other.digest).toBe(one.digest);
    expect(builds).toHaveLength(1);

    const { runtime: shared } = await world.addTemplate(templateWith("RUN date +%s%N > /now; sleep 1"));
    const elsewhere = { MOLECULE_LOCAL_BUILD_CACHE: join(world.directory, "elsewhere") };
    const both = await Promise.all([open(), open({}, elsewhere)]);
    const results = await Promise.all(both.map((images) => images.ensure(shared)));
    for (const { reference } of results)
      expect(await reader().manifest(reference.slice(door.host.length + 1))).toBeDefined();
    const digests = results.map(({ digest }) => digest);
    expect(digests).toContain((await (await open()).ensure(shared)).digest);
  });

  describe("an image under the tag that is not the requested one is replaced, with a warning:", () => {
    const replaced = async (
      put: (runtime: string, tag: string) => Promise<unknown>,
    ): Promise<readonly unknown[]> => {
      const { runtime, commit } = await world.addTemplate(helloTemplate({ message: "right" }));
      const tag = commit.slice(0, 12);
      await put(runtime, tag);
      const warnings: unknown[] = [];
      const logger = {
        debug: () => undefined,
        info: () => undefined,
        warn: (message: string, fields?: object) => warnings.push({ message, ...fields }),
        error: () => undefined,
      };
      const images = await open({}, {}, logger);
      expect(await images.plan(runtime)).toMatchObject({ hit: false });
      const built = await images.ensure(runtime);
      expect(built).toMatchObject({ cached: false });
      const stored = await reader().manifest(`${repository(runtime)}:${tag}`);
      expect(stored?.digest).toBe(built.digest);
      return warnings;
    };
    const place = (runtime: string, tag: string) => ({
      host: registry.host,
      repository: repository(runtime),
      credentials: team,
      tag,
      files: { "message.txt": "wrong\n" },
    });
    const warning = (why: RegExp) =>
      expect.objectContaining({
        message: "another image has this name; ignoring it",
        why: expect.stringMatching(why),
      });

    test("without our labels", async () => {
      const warnings = await replaced((runtime, tag) => putImage(place(runtime, tag)));
      expect(warnings).toContainEqual(warning(/its label org\.opencontainers\.image\.revision is missing/));
    });

    test("for another platform", async () => {
      const warnings = await replaced((runtime, tag) =>
        putImage({ ...place(runtime, tag), architecture: "arm64" }),
      );
      expect(warnings).toContainEqual(warning(/no image for linux\/amd64; it is published for linux\/arm64/));
    });

    test("built with other options", async () => {
      const warnings = await replaced(async (runtime) => {
        await (await open({ buildArgs: { OTHER: "1" } })).ensure(runtime);
      });
      expect(warnings).toContainEqual(warning(/its label molecule\.image\.build-key is [0-9a-f]{64}, not /));
    });
  });

  describe("fails before anything is built", () => {
    const failure = async (
      options: Readonly<Record<string, unknown>>,
      more: Readonly<Record<string, string>> = {},
    ) => {
      const { runtime } = await world.addTemplate(helloTemplate());
      const steps = new Set<string>();
      const call = (await open(options, more)).ensure(runtime, {
        onProgress: (event) => steps.add(event.step),
      });
      const error = await failureOf(call);
      expect([...steps]).not.toContain("checkout");
      expect([...steps]).not.toContain("build");
      return error;
    };

    test("if the registry is down", async () => {
      expect(await failure({ registry: "127.0.0.1:1/team" })).toMatchObject({
        code: "SOURCE_UNREACHABLE",
        message: expect.stringContaining("127.0.0.1:1/"),
        step: "find",
      });
    });

    test.each([
      ["a wrong password", () => loggedIn("builder:wrong-password"), /DOCKER_AUTH_CONFIG/, /Log in again/],
      ["no password", () => ({ DOCKER_AUTH_CONFIG: "{}" }), /no credentials were sent/, /log in with/],
    ])("with %s", async (_what, login, reason, hint) => {
      const error = await failure({}, login());
      expect(error).toMatchObject({ code: "SOURCE_DENIED", message: expect.stringMatching(reason) });
      expect(error.message).toContain(door.host);
      expect(error.hint).toMatch(hint);
      expect(error.hint).toContain(`docker login ${door.host}`);
      expect(`${error.message}${error.hint}`).not.toContain("wrong-password");
    });
  });

  describe("fails after the build, and leaves no tag,", () => {
    const failure = async (refuse: typeof refusal) => {
      const { runtime } = await world.addTemplate(helloTemplate());
      refusal = refuse;
      const error = await failureOf((await open()).ensure(runtime));
      refusal = () => undefined;
      expect(await tags(runtime)).toEqual([]);
      return { error, runtime };
    };

    test("if this user may not push", async () => {
      const { runtime, error } = await failure(({ method }) => (method === "POST" ? 403 : undefined));
      expect(error).toMatchObject({ code: "SOURCE_DENIED", step: "build" });
      expect(error.message).toContain(`cannot push ${prefix()}/workspace-template-${runtime}: `);
      expect(error.hint).toContain("push");
    });

    test("if the registry does not let tags move", async () => {
      const isTag = /\/manifests\/(?!sha256:)/;
      const { runtime, error } = await failure(({ method, path }) =>
        method === "PUT" && isTag.test(path) ? 412 : undefined,
      );
      expect(error).toMatchObject({ code: "SOURCE_UNREACHABLE", step: "tag" });
      expect(error.message).toMatch(
        new RegExp(`^cannot tag .*/workspace-template-${runtime}@sha256:\\w+ as \\w+: .* returned 412$`),
      );
      expect(error.hint).toContain("overwritten");
    });

    test("if the call is aborted", async () => {
      const { runtime } = await world.addTemplate(templateWith("RUN echo begun; sleep 600"));
      const caller = new AbortController();
      const images = await open();
      const call = images.ensure(runtime, {
        signal: caller.signal,
        onProgress: (event) => {
          if (event.type === "output" && event.line === "begun") caller.abort();
        },
      });
      expect(await failureOf(call)).toMatchObject({ code: "CANCELLED" });
      await images.close();
      expect(await tags(runtime)).toEqual([]);
    });
  });

  test("a builder that is killed during a build is replaced by the next one", async () => {
    const second = await startBuildkitd();
    try {
      const addr = [buildkit().address, second.address];
      let runtime: string;
      do {
        ({ runtime } = await world.addTemplate(templateWith("RUN echo begun; sleep 8")));
      } while (orderFor(runtime, addr)[0] !== second.address);
      let killed: Promise<void> | undefined;
      const images = await open({ addr });
      const built = await images.ensure(runtime, {
        onProgress: (event) => {
          if (event.type === "output" && event.line === "begun") killed ??= second.kill();
        },
      });
      await killed;
      expect(killed).toBeDefined();
      expect(built).toMatchObject({ cached: false, engine: null });
      expect((await images.ensure(runtime)).digest).toBe(built.digest);
    } finally {
      await second.stop();
    }
  });

  test("pushes provenance, and finds the image of its index again", async () => {
    const { runtime } = await world.addTemplate(helloTemplate({ message: "attested" }));
    const images = await open({ attest: { provenance: "max" } });
    const built = await images.ensure(runtime);
    const index = await reader().manifest(`${repository(runtime)}@${String(built.digest)}`);
    const [image, attestation] = index?.manifests ?? [];
    expect(image).toMatchObject({ platform: { os: "linux", architecture: "amd64" } });
    expect(attestation).toMatchObject({
      platform: { os: "unknown" },
      annotations: {
        "vnd.docker.reference.type": "attestation-manifest",
        "vnd.docker.reference.digest": image?.digest,
      },
    });
    const own = await reader().manifest(`${repository(runtime)}@${image?.digest ?? ""}`);
    expect(own?.config?.digest).toBe(built.imageId);
    const { layers = [] } =
      (await reader().manifest(`${repository(runtime)}@${attestation?.digest ?? ""}`)) ?? {};
    const statement = await reader().blob(repository(runtime), layers[0]?.digest ?? "");
    expect(JSON.parse(statement.toString())).toMatchObject({
      predicateType: expect.stringContaining("slsa.dev/provenance"),
      subject: [expect.objectContaining({ digest: { sha256: image?.digest.slice(7) } })],
    });
    expect(await images.ensure(runtime)).toMatchObject({ cached: true, reference: built.reference });
  });

  test("passes on the error of an SBOM generator that cannot be pulled", async () => {
    const { runtime } = await world.addTemplate(helloTemplate());
    const sbom = `${door.host}/team/scanner:1`;
    const images = await open({ attest: { sbom } });
    expect(await failureOf(images.ensure(runtime))).toMatchObject({
      code: "SOURCE_NOT_FOUND",
      message: expect.stringContaining(sbom),
    });
    expect(await tags(runtime)).toEqual([]);
  });

  test("uses the newest image while the forge is down, if configured", async () => {
    const { runtime } = await world.addTemplate(helloTemplate());
    const built = await (await open()).ensure(runtime);
    world.forge.fault("api", { reset: true });
    try {
      const images = await open({ whenForgeIsDown: "last-good", addr: down });
      expect(await images.ensure(runtime)).toEqual({
        ...built,
        cached: true,
        stale: true,
        durationMs: expect.any(Number),
      });
    } finally {
      world.forge.clearFaults();
    }
  });

  test("cannot be run here, and the hint says where", async () => {
    const { runtime } = await world.addTemplate(helloTemplate());
    const images = await open();
    const built = await images.ensure(runtime);
    expect(() => images.engineOf(built)).toThrow(
      expect.objectContaining({
        code: "CONTAINER_FAILED",
        message: expect.stringContaining("in a registry"),
        hint: expect.stringContaining(`docker run ${built.reference}`),
      }),
    );
  });

  test("prune removes checkouts, and nothing from the registry, with every builder down", async () => {
    const { runtime } = await world.addTemplate(helloTemplate());
    await (await open()).ensure(runtime);
    const before = await tags(runtime);
    const { removed } = await (await open({ addr: down })).prune({ keep: 0 });
    expect(removed.map(({ kind }) => kind)).not.toContain("image");
    expect(await tags(runtime)).toEqual(before);
  });

  test("shows the password in no argument, event or file", async () => {
    const { runtime } = await world.addTemplate(templateWith("RUN sleep 1"));
    const seen = new Set<string>();
    const events: ProgressEvent[] = [];
    const state = { isOver: false };
    const watching = (async () => {
      while (!state.isOver) {
        for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name)))
          seen.add(await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""));
        await sleep(10);
      }
    })();
    const images = await open();
    await images.ensure(runtime, { onProgress: (event) => events.push(event) }).finally(async () => {
      state.isOver = true;
      await watching;
    });
    const commands = [...seen].filter((command) => command.includes("push-by-digest=true"));
    expect(commands).toHaveLength(1);
    expect(tracesOf([team.password], [...seen].join("\n"))).toEqual([]);
    expect(JSON.stringify(events)).not.toContain(team.password);
    expect(await readdir(join(world.directory, "cache", ".auth"))).toEqual([]);
  });
});
