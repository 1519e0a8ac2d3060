import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { exitStatusByCode, type ErrorCode, type ProgressEvent } from "@molecule/core";
import { createFakeImageProvider } from "./create-fake-image-provider.js";

afterEach(() => {
  jest.useRealTimers();
});

const revision = "1".repeat(40);
const digest = `sha256:${"2".repeat(64)}` as const;

describe("results", () => {
  test("are derived if the script leaves them open, and an image is cached once it has been made", async () => {
    const images = createFakeImageProvider({ runtimes: { hermes: {} } });
    const built = await images.ensure("hermes");
    expect(built).toMatchObject({
      source: "fake",
      reference: expect.stringMatching(/^molecule-local\/workspace-template-hermes:[0-9a-f]{12}$/),
      imageId: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      revision: expect.stringMatching(/^[0-9a-f]{40}$/),
      digest: null,
      platform: "linux/amd64",
      cached: false,
      stale: false,
      durationMs: 0,
    });
    expect(await images.ensure("hermes")).toEqual({ ...built, cached: true });
    expect(await images.refresh("hermes")).toMatchObject({ imageId: built.imageId, cached: false });
  });

  test("are as scripted", async () => {
    const images = createFakeImageProvider({
      runtimes: {
        hermes: { revision, cached: true, platform: "linux/arm64" },
        codex: { stale: true, imageId: digest },
      },
    });
    expect(await images.ensure("hermes")).toMatchObject({ revision, cached: true, platform: "linux/arm64" });
    expect(await images.ensure("codex")).toMatchObject({ stale: true, cached: true, imageId: digest });
    await expect(images.refresh("codex")).rejects.toMatchObject({ code: "SOURCE_UNREACHABLE" });
  });

  test("are pulled in registry mode", async () => {
    const images = createFakeImageProvider({ mode: "registry", runtimes: { hermes: { digest } } });
    expect(images.selection.mode).toBe("registry");
    expect(await images.ensure("hermes")).toMatchObject({
      reference: "registry.example.com/acme/workspace-template-hermes:latest",
      digest,
      revision: null,
    });
    const other = `sha256:${"3".repeat(64)}`;
    expect(await images.ensure("hermes", { digest: other })).toMatchObject({
      reference: expect.stringContaining(`@${other}`),
      digest: other,
    });
  });

  test("come one after another, and the last one repeats", async () => {
    const images = createFakeImageProvider({
      runtimes: { hermes: [{ revision }, { fails: "BUILD_FAILED" }, { revision: "4".repeat(40) }] },
    });
    expect(await images.ensure("hermes")).toMatchObject({ revision });
    await expect(images.ensure("hermes")).rejects.toMatchObject({ code: "BUILD_FAILED" });
    for (const cached of [false, true])
      expect(await images.ensure("hermes")).toMatchObject({ revision: "4".repeat(40), cached });
  });

  test("are shared by callers at the same time, which use up one outcome", async () => {
    const images = createFakeImageProvider({
      runtimes: { hermes: [{ latencyMs: 5 }, { fails: "STALLED" }] },
    });
    const both = Promise.all([images.ensure("hermes"), images.ensure("hermes")]);
    await images.elapse(5);
    const [one, other] = await both;
    expect(one).toBe(other);
    await expect(images.ensure("hermes")).rejects.toMatchObject({ code: "STALLED" });
  });

  test("can be replaced during a test", async () => {
    const images = createFakeImageProvider({ runtimes: { hermes: {} } });
    await images.ensure("hermes");
    images.script("hermes", { fails: "SOURCE_DENIED" });
    await expect(images.ensure("hermes")).rejects.toMatchObject({ code: "SOURCE_DENIED" });
  });
});

describe("a plan", () => {
  test("says what the next call would do, and uses nothing up", async () => {
    const images = createFakeImageProvider({ runtimes: { hermes: [{ revision }, { cached: true }] } });
    expect(await images.plan("hermes")).toMatchObject({ hit: false, revision, imageId: null });
    expect(await images.ensure("hermes")).toMatchObject({ revision, cached: false });
    expect(await images.plan("hermes")).toMatchObject({ hit: true, why: null });
  });

  test("of a build that will fail is a miss", async () => {
    const images = createFakeImageProvider({ runtimes: { hermes: { fails: "BUILD_FAILED" } } });
    expect(await images.plan("hermes")).toMatchObject({ hit: false });
  });

  test("passes its options to the call that uses it", async () => {
    const images = createFakeImageProvider({ runtimes: { hermes: {} } });
    const plan = await images.plan("hermes", { revision });
    expect(await images.ensure("hermes", { plan })).toMatchObject({ revision });
  });
});

describe("failures", () => {
  test.each(Object.keys(exitStatusByCode) as ErrorCode[])("%s", async (fails) => {
    for (const mode of ["local", "registry"] as const) {
      const images = createFakeImageProvider({
        mode,
        runtimes: { hermes: { fails, message: "why", hint: "what to do", output: "last line" } },
      });
      const told = { code: fails, message: "why", hint: "what to do", output: "last line", source: "fake" };
      await expect(images.ensure("hermes")).rejects.toMatchObject(told);
    }
  });

  test.each([
    ["local", "SOURCE_UNREACHABLE", "resolve"],
    ["local", "CHECKOUT_FAILED", "checkout"],
    ["local", "BUILD_FAILED", "build"],
    ["registry", "SOURCE_DENIED", "pull"],
    ["registry", "ENGINE_UNAVAILABLE", "find"],
  ] as const)("in %s mode, %s is of the step %s", async (mode, fails, step) => {
    const images = createFakeImageProvider({ mode, runtimes: { hermes: { fails } } });
    await expect(images.ensure("hermes")).rejects.toMatchObject({ step });
  });

  test("for runtimes and options are those of a real provider", async () => {
    const images = createFakeImageProvider({ runtimes: { hermes: {} } });
    await expect(images.ensure("codex")).rejects.toMatchObject({ code: "RUNTIME_UNKNOWN" });
    await expect(images.ensure("hermes", { digest })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    await images.close();
    await expect(images.ensure("hermes")).rejects.toMatchObject({
      code: "CANCELLED",
      message: "the image provider is closed",
    });
  });
});

test("progress is reported as scripted, in balanced steps", async () => {
  const images = createFakeImageProvider({
    runtimes: {
      hermes: {
        progress: [
          { step: "checkout", what: "https://git.example.com/hermes" },
          { step: "build", output: ["Step 1/2"], amounts: [{ done: 1, total: 2, unit: "steps" }] },
        ],
      },
    },
  });
  const events: ProgressEvent[] = [];
  await images.ensure("hermes", { onProgress: (event) => events.push(event) });
  const scripted = events.filter(({ step }) => step === "checkout" || step === "build");
  expect(scripted).toEqual([
    expect.objectContaining({ type: "started", step: "checkout", what: "https://git.example.com/hermes" }),
    expect.objectContaining({ type: "finished", step: "checkout", ok: true }),
    expect.objectContaining({ type: "started", step: "build" }),
    expect.objectContaining({ type: "output", line: "Step 1/2" }),
    expect.objectContaining({ type: "amount", done: 1, total: 2, unit: "steps" }),
    expect.objectContaining({ type: "finished", step: "build", ok: true }),
  ]);
});

describe("latency", () => {
  test.each(["real", "fake"])("passes with the fake's own clock, with %s timers", async (timers) => {
    if (timers === "fake") jest.useFakeTimers();
    const images = createFakeImageProvider({ runtimes: { hermes: { latencyMs: 60_000 } } });
    let isDone = false;
    const image = images.ensure("hermes").finally(() => {
      isDone = true;
    });
    await images.elapse(59_999);
    expect(isDone).toBe(false);
    await images.elapse(1);
    expect(isDone).toBe(true);
    expect(await image).toMatchObject({ durationMs: 60_000 });
  });

  test("applies to failures, to hits and to each step", async () => {
    const images = createFakeImageProvider({
      runtimes: {
        hermes: { fails: "STALLED", latencyMs: 10 },
        codex: { cached: true, latencyMs: 10 },
        crewai: {
          progress: [
            { step: "checkout", latencyMs: 4 },
            { step: "build", latencyMs: 5 },
          ],
          latencyMs: 1,
        },
      },
    });
    const settled = Promise.allSettled(["hermes", "codex", "crewai"].map((name) => images.ensure(name)));
    await images.elapse(10);
    expect(await settled).toMatchObject([
      { reason: { code: "STALLED" } },
      { value: { durationMs: 10 } },
      { value: { durationMs: 10 } },
    ]);
  });

  test("ends when the caller aborts, without any time", async () => {
    const images = createFakeImageProvider({ runtimes: { hermes: { latencyMs: Number.POSITIVE_INFINITY } } });
    const leaving = new AbortController();
    const image = images.ensure("hermes", { signal: leaving.signal });
    leaving.abort();
    await expect(image).rejects.toMatchObject({ code: "CANCELLED" });
    await images.close();
  });

  test("longer than the time limit of the call is TIMED_OUT", async () => {
    const images = createFakeImageProvider({ runtimes: { hermes: { latencyMs: 500 } } });
    const told = expect(images.ensure("hermes", { timeoutMs: 100 })).rejects.toMatchObject({
      code: "TIMED_OUT",
    });
    await images.elapse(100);
    await told;
  });
});

test("every call is recorded with its options", async () => {
  const images = createFakeImageProvider({ runtimes: { hermes: { fails: "BUILD_FAILED" } } });
  await images.ensure("hermes", { revision }).catch(() => undefined);
  await images.plan("codex").catch(() => undefined);
  await images.refresh("hermes").catch(() => undefined);
  await images.prune();
  await images[Symbol.asyncDispose]();
  expect(images.calls).toEqual([
    { verb: "ensure", runtime: "hermes", options: { revision } },
    { verb: "plan", runtime: "codex", options: {} },
    { verb: "refresh", runtime: "hermes", options: {} },
    { verb: "prune", runtime: null, options: {} },
    { verb: "close", runtime: null, options: {} },
  ]);
});

test("containers can be created from every image, on the engine that the image names", async () => {
  const images = createFakeImageProvider({ runtimes: { hermes: { imageId: digest } } });
  const { imageId, platform, engine } = await images.ensure("hermes");
  expect(await images.engineOf().identify()).toEqual(engine);
  const plain = { name: undefined, env: {}, args: undefined, labels: {}, autoRemove: false };
  const { id } = await images.engine.createContainer({ ...plain, imageId, platform });
  await images.engine.startContainer(id);
  expect(await images.engine.waitContainer(id)).toEqual({ exitCode: 0 });
});

test("a wrong script does not compile", () => {
  const images = createFakeImageProvider({ runtimes: { hermes: {} } });
  const wrong = (): void => {
    // @ts-expect-error -- a code that does not exist
    createFakeImageProvider({ runtimes: { hermes: { fails: "BUILD_BROKEN" } } });
    // @ts-expect-error -- a member that does not exist
    createFakeImageProvider({ runtimes: { hermes: { latency: 5 } } });
    // @ts-expect-error -- a failure has no result
    createFakeImageProvider({ runtimes: { hermes: { fails: "BUILD_FAILED", cached: true } } });
    // @ts-expect-error -- what is pulled has no revision
    createFakeImageProvider({ mode: "registry", runtimes: { hermes: { revision } } });
    // @ts-expect-error -- what is built has no digest
    createFakeImageProvider({ runtimes: { hermes: { digest } } });
    // @ts-expect-error -- a digest names its algorithm
    createFakeImageProvider({ mode: "registry", runtimes: { hermes: { digest: "2222" } } });
    // @ts-expect-error -- a step that does not exist
    createFakeImageProvider({ runtimes: { hermes: { progress: [{ step: "clone" }] } } });
    // @ts-expect-error -- no outcome
    createFakeImageProvider({ runtimes: { hermes: [] } });
    // @ts-expect-error -- a runtime that the script does not have
    images.script("codex", {});
  };
  expect(wrong).toBeInstanceOf(Function);
});
