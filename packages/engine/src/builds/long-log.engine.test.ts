import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "@jest/globals";
import { describeWithEngine } from "@molecule/test-fixtures";
import { helloTemplate } from "@molecule/testkit";

// Also measured with 1 GiB, which takes minutes.
const logBytes = 128 * 1024 ** 2;

/** Uses the built packages in a separate process, because the test process has its own memory use. */
const script = `
import { text } from "node:stream/consumers";
import { buildContextOf } from ${json(distOf("testkit"))};
import { createMask, createSpine, parseRuntimeName, silentLog } from ${json(distOf("core"))};
import { createDockerEngine } from ${json(distOf("engine"))};

const { address, builder, small, large } = JSON.parse(await text(process.stdin));
const engine = createDockerEngine({ kind: "unix", address, socketPath: address.slice("unix://".length) }, { builder });
const runtime = parseRuntimeName("hermes");
const clock = { monotonicMs: () => performance.now(), wallMs: () => Date.now(), after: (ms, call) => { const timer = setTimeout(call, ms); return () => clearTimeout(timer); } };
const resolution = { runtime, reference: "molecule-local/workspace-template-hermes:long-log", revision: null, buildKey: null, platform: "linux/amd64" };
const source = ({ Dockerfile, sh }) => ({
  name: "long-log",
  resolve: async () => resolution,
  find: async () => ({ hit: false, why: "it is not looked for" }),
  provide: (_resolution, _found, call) =>
    call.progress.step("build", "x", async (report) => {
      const context = buildContextOf({ Dockerfile, sh: Buffer.from(sh, "base64") });
      const plan = { platform: "linux/amd64", labels: {}, target: undefined, buildArgs: {}, noCache: true, pullBases: false };
      const { imageId } = await engine.buildImage({ ...plan, context, report }, call);
      return { ...resolution, imageId, digest: null, engine: null };
    }),
});
let received = 0;
const built = async (files) => {
  const mask = createMask(["s3cret-t0ken-for-tests"]);
  const images = createSpine({ source: source(files), selection: { source: "long-log", mode: "local", because: "a test" }, registry: { mode: "local", prefix: "molecule-local" }, runtimes: new Set([runtime]), timeoutMs: 300_000, mask, clock, log: silentLog });
  const onProgress = (event) => { if (event.type === "output") received += event.line.length; };
  const { imageId } = await images.ensure("hermes", { onProgress });
  await engine.removeImage(imageId);
};
await built(small);
const before = process.memoryUsage.rss();
let peak = before;
const timer = setInterval(() => { peak = Math.max(peak, process.memoryUsage.rss()); }, 20);
received = 0;
await built(large);
clearInterval(timer);
console.log(JSON.stringify({ received, grownMiB: (peak - before) / 2 ** 20 }));
await engine.close();
`;

interface Measured {
  readonly received: number;
  readonly grownMiB: number;
}

function distOf(name: string): string {
  return new URL(`../../../${name}/dist/index.js`, import.meta.url).href;
}

function json(value: unknown): string {
  return JSON.stringify(value);
}

function filesWith(steps: string): Record<string, string> {
  const { busybox } = helloTemplate();
  if (typeof busybox !== "object" || !("content" in busybox)) throw new TypeError("busybox is missing");
  const Dockerfile = `FROM scratch\nCOPY sh /bin/sh\nCOPY sh /bin/busybox\n${steps}\n`;
  return { Dockerfile, sh: Buffer.from(busybox.content).toString("base64") };
}

describeWithEngine({ describe, test }, "a build with unlimited output", ({ address }) => {
  // BuildKit truncates a step's output at 2 MiB; the classic builder passes on all of it.
  test.each([
    ["classic", logBytes],
    ["buildkit", 100_000],
  ] as const)(
    "is read to the end and not kept in memory with %s",
    async (builder, atLeast) => {
      const line = "a line of a build log. ".repeat(10);
      const facts = {
        address,
        builder,
        small: filesWith("RUN echo one"),
        large: filesWith(`RUN /bin/busybox yes '${line}' | /bin/busybox head -c ${String(logBytes)}`),
      };
      const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
        env: { PATH: "/usr/bin:/bin" },
        stdio: ["pipe", "pipe", "inherit"],
        timeout: 230_000,
      });
      child.stdin.end(JSON.stringify(facts));
      const { received, grownMiB } = JSON.parse(await text(child.stdout)) as Measured;
      // Line ends are not reported.
      expect(received).toBeGreaterThan(atLeast * 0.99);
      expect(grownMiB).toBeLessThan(64);
    },
    240_000,
  );
});
