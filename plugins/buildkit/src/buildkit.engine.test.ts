import { randomInt } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as runner from "@jest/globals";
import { expect, test } from "@jest/globals";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import {
  defaultPlatform,
  parsePlatform,
  silentLog,
  systemClock,
  type Call,
  type ProgressEvent,
} from "@molecule/core";
import { createImageProvider, type HostImageProvider } from "@molecule/host";
import { nodeEdges } from "@molecule/node-edges";
import {
  describeWithBuildkit,
  describeWithEngine,
  runImage,
  runningCommands,
  startBuildkitd,
  waitUntilGone,
} from "@molecule/test-fixtures";
import { failureOf, templateWith, useSource } from "@molecule/test-fixtures/source";
import { helloTemplate } from "@molecule/testkit";
import { buildctlCommand } from "./buildctl-command.js";
import { orderFor } from "./choose-builder.js";
import { diagnoseBuildkit } from "./diagnose-buildkit.js";
import plugin from "./index.js";

const token = "s3cret-t0ken+for/buildkit";

describeWithEngine(runner, "into an engine", ({ address }) => {
  describeWithBuildkit(runner, "a build with BuildKit", (buildkit) => {
    const world = useSource(plugin, createImageProvider);
    const env = (): Record<string, string> => ({
      PATH: `${buildkit().programs}:${process.env.PATH ?? ""}`,
      DOCKER_HOST: address,
    });
    const open = (options: Readonly<Record<string, unknown>> = {}, more = {}): Promise<HostImageProvider> =>
      world.open({ env: { ...env(), ...more }, options: { addr: buildkit().address, ...options } });
    const printed = async (imageId: string): Promise<string> => {
      const engine = createDockerEngine(() =>
        findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }),
      );
      try {
        return await runImage(engine, { imageId, platform: defaultPlatform });
      } finally {
        await engine.close();
      }
    };
    /** A template whose image prints what the step wrote. */
    const printing = (step: string) => templateWith(`${step}\nCMD ["/bin/busybox", "cat", "/out"]`);

    test("loads, tags and labels an image, finds it again, and follows the branch", async () => {
      const { runtime, commit } = await world.addTemplate(helloTemplate({ message: "first" }));
      const images = await open();
      const events: ProgressEvent[] = [];
      const built = await images.ensure(runtime, { onProgress: (event) => events.push(event) });
      expect(built).toMatchObject({
        source: "buildkit",
        reference: `molecule-local/workspace-template-${runtime}:${commit.slice(0, 12)}`,
        revision: commit,
        digest: null,
        engine: { kind: "docker", address },
        cached: false,
      });
      expect(await images.engineOf(built).inspectImage(built.reference)).toMatchObject({
        id: built.imageId,
        labels: {
          "org.opencontainers.image.revision": commit,
          "molecule.image.runtime": runtime,
          "molecule.image.build-key": built.buildKey,
          "molecule.image.managed-by": "buildkit",
        },
      });
      expect(await printed(built.imageId)).toBe("first\n");
      const steps = events.flatMap((event) =>
        event.type === "amount" && event.unit === "steps" ? [event] : [],
      );
      expect(steps.at(-1)).toMatchObject({ step: "build", done: steps.at(-1)?.total });
      expect(events).toContainEqual(expect.objectContaining({ step: "load", type: "finished", ok: true }));
      expect(await world.partialFiles(runtime)).toEqual([]);

      const hit = await (await open()).ensure(runtime);
      expect(hit).toEqual({ ...built, cached: true, durationMs: hit.durationMs });

      // The same length: BuildKit compares sizes and times of files, and both commits are from the same second.
      await world.forge.commit(runtime, { "message.txt": "other\n" });
      expect(await printed((await images.ensure(runtime)).imageId)).toBe("other\n");
    });

    test("reports a failing step with its output, and leaves nothing behind", async () => {
      const { runtime } = await world.addTemplate(templateWith("RUN echo last words; exit 3"));
      const images = await open();
      const failure = await failureOf(images.ensure(runtime));
      expect(failure).toMatchObject({ code: "BUILD_FAILED", source: "buildkit", step: "build" });
      expect(failure.message).toMatch(
        /^build failed at "\[\d\/\d\] RUN echo last words; exit 3": exit code 3$/,
      );
      expect(failure.output).toContain("last words");
      expect(await world.partialFiles(runtime)).toEqual([]);
    });

    test("attributes an invalid Dockerfile and a missing file to the template", async () => {
      for (const last of ["FETCH the moon", "COPY absent.txt /"]) {
        const { runtime } = await world.addTemplate({ Dockerfile: `FROM scratch\n${last}\n` });
        expect(await failureOf((await open()).ensure(runtime))).toMatchObject({
          code: "BUILD_FAILED",
          message: expect.stringMatching(/FETCH|absent\.txt/),
        });
      }
    });

    test("sends the same context as to engines: .dockerignore by Docker's rules, no .git, fixed modes", async () => {
      const { runtime } = await world.addTemplate({
        ...printing("RUN cd /app && find . | sort > /out && stat -c '%a %u %g %n' keep.log tool.sh >> /out"),
        ".dockerignore": "*.log\n!keep.log\nsub/\n",
        "a.log": "a",
        "keep.log": "keep",
        "sub/x": "x",
        "tool.sh": { content: Buffer.from("#!/bin/sh\n"), mode: 0o755 },
        link: { link: "/etc/hostname" },
      });
      const { imageId } = await (await open()).ensure(runtime);
      expect((await printed(imageId)).trim().split("\n")).toEqual([
        ...[".", "./.dockerignore", "./Dockerfile", "./busybox", "./keep.log", "./link", "./message.txt"],
        ...["./tool.sh", "644 0 0 keep.log", "755 0 0 tool.sh"],
      ]);
    });

    test("refresh rebuilds the same commit, with the configured target and arguments", async () => {
      const { runtime } = await world.addTemplate({
        ...helloTemplate(),
        Dockerfile: `FROM scratch AS dev
COPY busybox /bin/busybox
ARG WHO
RUN ["/bin/busybox", "sh", "-c", "/bin/busybox cat /proc/sys/kernel/random/uuid > /out; echo $WHO >> /out"]
CMD ["/bin/busybox", "cat", "/out"]
FROM dev
RUN ["/bin/busybox", "false"]
`,
      });
      const images = await open({ target: "dev", buildArgs: { WHO: "you, and me" } });
      const first = await images.ensure(runtime);
      const before = await printed(first.imageId);
      expect(before).toMatch(/\nyou, and me\n$/);
      const again = await images.refresh(runtime);
      expect(again).toMatchObject({ cached: false, reference: first.reference });
      expect(await printed(again.imageId)).not.toBe(before);
    });

    test("builds another platform under its own name", async () => {
      const { runtime } = await world.addTemplate({ Dockerfile: "FROM scratch\nCOPY . /app\n" });
      const arm = await open({}, { MOLECULE_IMAGE_PLATFORM: "linux/arm64" });
      expect(await arm.ensure(runtime)).toMatchObject({
        platform: "linux/arm64",
        reference: expect.stringMatching(/-arm64$/),
      });
    });

    test("warns that a build is emulated by the platform of the builder, not of the engine", async () => {
      // It has the platform in its description, not a processor for it; these builds run no command.
      const arm = await startBuildkitd({ configuration: '[worker.oci]\nplatforms = ["linux/arm64"]\n' });
      try {
        const warnings = async (platform: string): Promise<readonly object[]> => {
          const { runtime } = await world.addTemplate({ Dockerfile: "FROM scratch\nCOPY . /app\n" });
          const seen: object[] = [];
          const warn = (message: string, fields?: object): void => {
            if (message.includes("emulated")) seen.push({ message, ...fields });
          };
          const images = await world.open({
            env: { ...env(), MOLECULE_IMAGE_PLATFORM: platform },
            options: { addr: arm.address },
            logger: { ...silentLog, warn },
          });
          await images.ensure(runtime);
          return seen;
        };
        expect(await warnings("linux/arm64")).toEqual([]);
        expect(await warnings("linux/amd64")).toMatchObject([
          { native: "linux/arm64", hint: "use builders that run on linux/amd64" },
        ]);
      } finally {
        await arm.stop();
      }
    });

    test("a cancelled build ends on the server, and leaves nothing behind", async () => {
      const seconds = String(600 + randomInt(100_000));
      const { runtime } = await world.addTemplate(templateWith(`RUN echo begun; sleep ${seconds}`));
      const images = await open();
      const caller = new AbortController();
      const call = images.ensure(runtime, {
        signal: caller.signal,
        onProgress: (event) => {
          if (event.type === "output" && event.line === "begun") caller.abort();
        },
      });
      expect(await failureOf(call)).toMatchObject({ code: "CANCELLED" });
      await images.close();
      // buildkitd ends the step shortly after the call has ended; ten minutes would be its own end.
      expect(await waitUntilGone(() => runningCommands(`sleep ${seconds}`))).toEqual([]);
      expect(await world.partialFiles(runtime)).toEqual([]);
      expect(await (await open()).plan(runtime)).toMatchObject({ hit: false });
    });

    test("a builder that is down is named, and a list tries the next one", async () => {
      const { runtime } = await world.addTemplate(helloTemplate());
      const down = "unix:///nonexistent/buildkitd.sock";
      const failure = await failureOf((await open({ addr: down })).ensure(runtime));
      expect(failure).toMatchObject({ code: "ENGINE_UNAVAILABLE", message: expect.stringContaining(down) });
      expect(failure.hint).toContain("`addr`");
      const both = [down, buildkit().address];
      expect(await (await open({ addr: both })).ensure(runtime)).toMatchObject({ cached: false });
      const none = await failureOf((await open({ addr: [down, `${down}2`] })).refresh(runtime));
      expect(none).toMatchObject({
        code: "ENGINE_UNAVAILABLE",
        message: expect.stringMatching(/^none of 2 BuildKit builders can be reached/),
      });
    });

    test("a build checks each builder once", async () => {
      const { runtime } = await world.addTemplate(helloTemplate());
      const directory = join(world.directory, "recorded");
      await mkdir(directory);
      const script = `#!/bin/sh\necho "$*" >> '${directory}/calls'\nexec '${buildkit().programs}/buildctl' "$@"\n`;
      await writeFile(join(directory, "buildctl"), script, { mode: 0o755 });
      let addr: readonly string[] = [];
      // A builder that is down comes first.
      for (let index = 0; addr[0] === undefined || addr[0] === buildkit().address; index++)
        addr = orderFor(runtime, [buildkit().address, `unix:///nonexistent/${String(index)}.sock`]);
      const images = await open({ addr }, { PATH: `${directory}:${process.env.PATH ?? ""}` });
      await images.ensure(runtime);
      const calls = (await readFile(join(directory, "calls"), "utf8")).trim().split("\n");
      const asked = calls.flatMap((call) => /^--addr=(\S+) debug workers/.exec(call)?.[1] ?? []);
      expect(asked).toEqual(addr);
    });

    test("a builder that lists no platform builds", async () => {
      const { runtime } = await world.addTemplate(helloTemplate());
      const directory = join(world.directory, "no-platform");
      await mkdir(directory);
      const script = `#!/bin/sh
case "$*" in
*" debug workers "*) echo '[{"platforms":[]}]' ;;
*) exec '${buildkit().programs}/buildctl' "$@" ;;
esac
`;
      await writeFile(join(directory, "buildctl"), script, { mode: 0o755 });
      const images = await open({}, { PATH: `${directory}:${process.env.PATH ?? ""}` });
      expect(await images.ensure(runtime)).toMatchObject({ cached: false });
    });

    test("a builder that is killed during a build is replaced by the next one", async () => {
      const second = await startBuildkitd();
      try {
        const addr = [buildkit().address, second.address];
        let runtime: string;
        do {
          ({ runtime } = await world.addTemplate(templateWith("RUN echo begun; sleep 8")));
        } while (orderFor(runtime, addr)[0] !== second.address);
        const lines: string[] = [];
        let killed: Promise<void> | undefined;
        const built = await (
          await open({ addr })
        ).ensure(runtime, {
          onProgress: (event) => {
            if (event.type !== "output") return;
            lines.push(event.line);
            if (event.line === "begun") killed ??= second.kill();
          },
        });
        await killed;
        expect(built).toMatchObject({ cached: false });
        expect(lines.filter((line) => line === "begun")).toHaveLength(2);
      } finally {
        await second.stop();
      }
    });

    test("names buildctl if it is missing", async () => {
      const { runtime } = await world.addTemplate(helloTemplate());
      const images = await open({}, { PATH: process.env.PATH });
      expect(await failureOf(images.ensure(runtime))).toMatchObject({
        code: "TOOL_MISSING",
        message: "buildctl is not in PATH",
      });
    });

    test("doctor describes each builder", async () => {
      const edges = nodeEdges({});
      const addr = [buildkit().address, "unix:///nonexistent/b.sock"];
      const buildctl = buildctlCommand({ env: env(), run: edges.run }, { addr, tls: undefined });
      const call = { signal: new AbortController().signal } as Call;
      const findings = await diagnoseBuildkit(buildctl, undefined, systemClock, call);
      edges.close();
      expect(findings).toMatchObject([
        {
          id: "buildkit.1",
          ok: true,
          message: expect.stringMatching(/^BuildKit v0\.34\.2 at unix:.* builds for linux\//),
        },
        { id: "buildkit.2", ok: false, message: expect.stringContaining("unix:///nonexistent/b.sock") },
      ]);
    });

    test.each([
      ["linux/amd64", "linux/amd64", "", /builds for linux\/amd64 and \d+ more$/],
      // Its configuration lists the platform, but its processor is another one.
      [
        "linux/arm64",
        "linux/amd64",
        "warn",
        /builds for linux\/arm64 and \d+ more: .* linux\/amd64 are emulated$/,
      ],
      // buildkitd finds no emulator for it.
      [
        "linux/amd64",
        "linux/sparc64",
        "bad",
        /builds for linux\/amd64 and \d+ more, but not for linux\/sparc64$/,
      ],
    ])("doctor compares a builder of %s with the platform %s", async (own, wanted, level, message) => {
      const configuration = `[worker.oci]\nplatforms = ["${own}"]\n`;
      const builder = await startBuildkitd({ configuration });
      const edges = nodeEdges({});
      try {
        const options = { addr: builder.address, tls: undefined };
        const buildctl = buildctlCommand({ env: env(), run: edges.run }, options);
        const { signal } = new AbortController();
        const [finding] = await diagnoseBuildkit(buildctl, parsePlatform(wanted), systemClock, { signal });
        expect(finding).toMatchObject({ ok: level !== "bad", message: expect.stringMatching(message) });
        expect(finding?.level ?? "").toBe(level === "warn" ? "warn" : "");
        expect(finding?.hint).toMatch(level === "" ? /^$/ : `Use builders that run on ${wanted}`);
      } finally {
        edges.close();
        await builder.stop();
      }
    });

    test("build secrets exist only during their step, and the token nowhere", async () => {
      world.forge.requireToken(token);
      const { runtime } = await world.addTemplate(
        printing(
          "RUN --mount=type=secret,id=word,required=true cat /run/secrets/word; wc -c < /run/secrets/word > /out; ! env | grep -q can[a]ry; sleep 1",
        ),
      );
      const seen = new Set<string>();
      const state = { isOver: false };
      const watching = (async () => {
        while (!state.isOver) {
          for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name)))
            seen.add(await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""));
          await sleep(10);
        }
      })();
      const images = await open(
        { secrets: { word: { env: "WORD" } } },
        { WORD: "canary of a build", MOLECULE_GITEA_TOKEN: token },
      );
      const events: ProgressEvent[] = [];
      const image = await images
        .ensure(runtime, { onProgress: (event) => events.push(event) })
        .finally(async () => {
          state.isOver = true;
          await watching;
        });
      expect(await printed(image.imageId)).toBe("17\n");
      const commands = [...seen].join("\n");
      expect(commands).toContain("--secret=id=word,env=");
      const inspected = JSON.stringify(await images.engineOf(image).inspectImage(image.imageId));
      for (const secret of ["canary", token])
        expect(`${commands}${JSON.stringify([events, image])}${inspected}`).not.toContain(secret);
    });
  });
});
