import { describe, expect, test } from "@jest/globals";
import { callOptions } from "../contract/image-request.js";
import type { EnsureOptions } from "../contract/image-provider.js";
import type { Call, ImageSource, Resolution } from "../contract/image-source.js";
import { ImageSourceError } from "../errors/errors.js";
import { defaultPlatform } from "../values/platform.js";
import { gate, recordingSource, spine } from "./spine.test.support.js";

const revision = "1".repeat(40);
const digest = `sha256:${"2".repeat(64)}`;

/** A source that supports every option of a call. */
function obedientSource(verbs: Partial<ImageSource> = {}) {
  const requests: Call["requested"][] = [];
  const source = recordingSource({
    async resolve(runtime, { requested }): Promise<Resolution> {
      requests.push(requested);
      return {
        runtime,
        reference: `example/${runtime}:${requested?.revision ?? requested?.digest ?? "head"}`,
        revision: requested?.revision ?? null,
        buildKey: null,
        platform: requested?.platform ?? defaultPlatform,
      };
    },
    async provide({ reference, platform, revision: commit }, _found, { requested }) {
      return {
        reference,
        imageId: `sha256:${"a".repeat(64)}`,
        digest: requested?.digest ?? null,
        revision: commit,
        platform,
        buildKey: null,
        engine: null,
      };
    },
    ...verbs,
  });
  return { source, requests };
}

describe("options that are not declared, or are of another type", () => {
  const refused = { code: "CONFIG_INVALID" };

  test.each<[object, string]>([
    [{ timeoutMs: "5000" }, "`timeoutMs` must be a number, not a string"],
    [{ signal: null }, "`signal` must be an AbortSignal, not null"],
    [{ signal: "x" }, "`signal` must be an AbortSignal, not a string"],
    [{ signal: {} }, "`signal` must be an AbortSignal, not an object"],
    [
      { signal: new AbortController() },
      "`signal` must be an AbortSignal, not an object of type AbortController",
    ],
    [{ onProgress: true }, "`onProgress` must be a function, not a boolean"],
    [{ revision: 5 }, "`revision` must be a string, not a number"],
    [{ platform: ["linux/amd64"] }, "`platform` must be a string, not a list"],
    [{ whenAborted: "x" }, 'whenAborted is "x"'],
    [{ revison: revision }, "`revison` is not an option (did you mean `revision`?)"],
    [{ verbose: true }, "`verbose` is not an option"],
  ])("%j is CONFIG_INVALID, and the source is not called", async (options, message) => {
    const source = recordingSource();
    const images = spine(source, { callOptions });
    await expect(images.ensure("hermes", options)).rejects.toMatchObject({ ...refused, message });
    await expect(images.plan("hermes", options)).rejects.toMatchObject({ ...refused, message });
    await expect(images.refresh("hermes", options)).rejects.toMatchObject({ ...refused, message });
    expect(source.calls).toEqual([]);
  });

  test("`close` refuses an unknown value of `running`, and stays open", async () => {
    const images = spine(recordingSource());
    const running = "x" as "finish";
    await expect(images.close({ running })).rejects.toMatchObject({ ...refused, message: 'running is "x"' });
    await expect(images.ensure("hermes")).resolves.toMatchObject({ source: "recording" });
  });

  test("an unknown option that is undefined is ignored", async () => {
    const options = { revison: undefined } as object;
    await expect(spine(recordingSource()).ensure("hermes", options)).resolves.toMatchObject({});
  });

  test.each<[object | null, object, string]>([
    [null, {}, "the options must be an object, not null"],
    [{ kep: 1 }, {}, "`kep` is not an option (did you mean `keep`?)"],
    [{ dryRun: "false" }, {}, "`dryRun` must be a boolean, not a string"],
    [{ keep: -1 }, {}, "`keep` must be a whole number of at least 0, not -1"],
    [{ maxBytes: 0.5 }, {}, "`maxBytes` must be a whole number of at least 0, not 0.5"],
    [{}, { signal: {} }, "`signal` must be an AbortSignal, not an object"],
    [{}, { sginal: undefined, onProgress: 1 }, "`onProgress` is not an option"],
  ])("`prune` refuses %j and %j", async (limits, caller, message) => {
    await expect(spine(recordingSource()).prune(limits as object, caller)).rejects.toMatchObject({
      ...refused,
      message,
    });
  });
});

describe("options of a call", () => {
  test("the source gets them parsed", async () => {
    const { source, requests } = obedientSource();
    const images = spine(source, { callOptions });
    await images.ensure("hermes", { digest });
    await images.plan("codex", { revision, platform: "linux/aarch64" });
    await images.refresh("hermes", { platform: "native" });
    expect(requests).toEqual([{ digest }, { revision, platform: "linux/arm64" }, { platform: null }]);
  });

  test.each<[string, EnsureOptions, readonly (typeof callOptions)[number][], string]>([
    [
      "a digest for a source that builds",
      { digest },
      ["revision", "platform"],
      "option digest, only revision and platform",
    ],
    [
      "a revision for a source that pulls",
      { revision },
      ["digest", "platform"],
      "option revision, only digest and platform",
    ],
    ["a platform for a source that supports none", { platform: "linux/arm64" }, [], "option platform"],
    ["a short revision", { revision: "1234abc" }, callOptions, '"1234abc" is not a commit hash'],
    [
      "a digest without its algorithm",
      { digest: "2".repeat(64) },
      callOptions,
      "is not the digest of an image",
    ],
    [
      "a platform that does not exist",
      { platform: "windows/amd64" },
      callOptions,
      '"windows/amd64" is not a platform',
    ],
    ["a time limit of zero", { timeoutMs: 0 }, callOptions, "timeoutMs is 0"],
    ["a time limit that timers cannot hold", { timeoutMs: 2 ** 31 }, callOptions, "timeoutMs is 2147483648"],
    ["an unknown end", { whenAborted: "detach" as never }, callOptions, 'whenAborted is "detach"'],
  ])("%s is refused before the source is called", async (_what, options, supported, message) => {
    const source = recordingSource();
    await expect(spine(source, { callOptions: supported }).ensure("hermes", options)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining(message),
      source: "recording",
    });
    expect(source.calls).toEqual([]);
  });

  test("the error for a wrong option says why the source is selected", async () => {
    await expect(spine(recordingSource()).plan("hermes", { revision })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      hint: "Omit revision; recording is selected because a test.",
    });
  });

  test.each<[string, EnsureOptions]>([
    ["revision", { revision }],
    ["digest", { digest }],
    ["platform", { platform: "linux/arm64" }],
  ])("a source that ignores the %s is broken", async (option, options) => {
    const images = spine(recordingSource(), { callOptions });
    await expect(images.ensure("hermes", options)).rejects.toMatchObject({
      code: "PLUGIN_BROKEN",
      message: expect.stringContaining(`was asked for the ${option}`),
    });
  });

  test("the time limit replaces the configured one, and the error names it", async () => {
    const { source } = obedientSource({ find: (_resolution, { signal }) => gate().wait(signal) as never });
    await expect(spine(source).ensure("hermes", { timeoutMs: 20 })).rejects.toMatchObject({
      code: "TIMED_OUT",
      hint: expect.stringContaining("`timeoutMs`"),
    });
  });

  test("a caller that asks for a commit never gets the last good image", async () => {
    const down = (): Promise<never> =>
      Promise.reject(new ImageSourceError({ code: "SOURCE_UNREACHABLE", message: "down", hint: "" }));
    const recalled: string[] = [];
    const recallable = {
      ...recordingSource(),
      resolve: down,
      lastGood: async (runtime: string) => {
        recalled.push(runtime);
        return undefined;
      },
    };
    const images = spine(recallable, { callOptions });
    await expect(images.ensure("hermes", { revision })).rejects.toMatchObject({ code: "SOURCE_UNREACHABLE" });
    expect(recalled).toEqual([]);
    await expect(images.ensure("hermes")).rejects.toMatchObject({ code: "SOURCE_UNREACHABLE" });
    expect(recalled).toEqual(["hermes"]);
  });
});

test("a last good image for another platform than the caller's is a bug in the source", async () => {
  const { source } = obedientSource();
  const recallable = {
    ...source,
    resolve: (): Promise<never> =>
      Promise.reject(new ImageSourceError({ code: "SOURCE_UNREACHABLE", message: "down", hint: "" })),
    lastGood: async () => ({
      reference: "example/hermes:1",
      imageId: `sha256:${"a".repeat(64)}`,
      digest: null,
      revision: null,
      platform: defaultPlatform,
      buildKey: null,
      engine: null,
    }),
  };
  const images = spine(recallable, { callOptions });
  expect(await images.ensure("hermes")).toMatchObject({ stale: true });
  await expect(images.ensure("hermes", { platform: "linux/arm64" })).rejects.toMatchObject({
    code: "PLUGIN_BROKEN",
  });
});

describe("callers join", () => {
  /** Returns how often the source resolved for callers with these options. */
  async function resolvesFor(...callers: readonly EnsureOptions[]): Promise<number> {
    const { source, requests } = obedientSource();
    const images = spine(source, { callOptions, timeoutMs: 10_000 });
    await Promise.all(callers.map((caller) => images.ensure("hermes", caller)));
    return requests.length;
  }

  test.each<[string, EnsureOptions, EnsureOptions]>([
    ["the same revision", { revision }, { revision }],
    ["one platform in two spellings", { platform: "linux/arm64" }, { platform: "linux/aarch64" }],
    ["the configured time limit", {}, { timeoutMs: 10_000 }],
    ["the default end", {}, { whenAborted: "cancel" }],
    ["no option", {}, { revision: undefined }],
  ])("with %s", async (_what, one, other) => {
    expect(await resolvesFor(one, other)).toBe(1);
  });

  test.each<[string, EnsureOptions, EnsureOptions]>([
    ["the revision", { revision }, {}],
    ["the digest", { digest }, { digest: `sha256:${"3".repeat(64)}` }],
    ["the platform", { platform: "linux/arm64" }, { platform: "native" }],
    ["the time limit", { timeoutMs: 5_000 }, {}],
    ["what happens when they leave", { whenAborted: "finish" }, {}],
  ])("but not if they differ in %s", async (_what, one, other) => {
    expect(await resolvesFor(one, other)).toBe(2);
  });
});

describe("a plan", () => {
  test("is for the options that it was made with", async () => {
    const { source, requests } = obedientSource();
    const images = spine(source, { callOptions });
    const plan = await images.plan("hermes", { revision });
    expect(await images.ensure("hermes", { plan })).toMatchObject({ revision });
    expect(await images.ensure("hermes", { plan, revision })).toMatchObject({ revision });
    expect(requests).toHaveLength(1);
  });

  test("for other options has no effect", async () => {
    const { source, requests } = obedientSource();
    const images = spine(source, { callOptions });
    const plan = await images.plan("hermes", { revision });
    expect(await images.ensure("hermes", { plan, revision: "4".repeat(40) })).toMatchObject({
      revision: "4".repeat(40),
    });
    expect(requests).toHaveLength(2);
  });
});

describe("work that may finish", () => {
  test("continues when its last caller has left, and serves the next one", async () => {
    const building = gate();
    const { source, requests } = obedientSource({
      find: async (_resolution, { signal }) => {
        await building.wait(signal);
        return { hit: false, why: "not there" };
      },
    });
    const images = spine(source);
    const leaving = new AbortController();
    const first = images.ensure("hermes", { signal: leaving.signal, whenAborted: "finish" });
    leaving.abort();
    await expect(first).rejects.toMatchObject({
      code: "CANCELLED",
      hint: expect.stringContaining("continues"),
    });
    expect(building.aborted()).toBe(false);
    const next = images.ensure("hermes", { whenAborted: "finish" });
    building.open();
    await expect(next).resolves.toMatchObject({ reference: "example/hermes:head" });
    expect(requests).toHaveLength(1);
  });

  test("is cancelled when the provider is closed", async () => {
    const building = gate();
    const images = spine(
      recordingSource({ find: (_resolution, { signal }) => building.wait(signal) as never }),
    );
    const leaving = new AbortController();
    const first = images.ensure("hermes", { signal: leaving.signal, whenAborted: "finish" });
    await new Promise(setImmediate);
    leaving.abort();
    await expect(first).rejects.toMatchObject({ code: "CANCELLED" });
    await images.close();
    expect(building.aborted()).toBe(true);
  });
});

describe("closing", () => {
  test.each(["ensure", "refresh", "plan"] as const)(
    "%s then says that the provider is closed",
    async (verb) => {
      const images = spine(recordingSource());
      await images.close();
      await expect(images[verb]("hermes")).rejects.toMatchObject({
        code: "CANCELLED",
        message: "the image provider is closed",
      });
    },
  );

  test("a caller whose work it cancels gets the reason in the error", async () => {
    const images = spine(
      recordingSource({ find: (_resolution, { signal }) => gate().wait(signal) as never }),
    );
    const running = images.ensure("hermes");
    const told = expect(running).rejects.toMatchObject({ message: "the image provider is closed" });
    await new Promise(setImmediate);
    await images.close();
    await told;
  });

  test("lets running work finish on request, and closes the rest once after it", async () => {
    const building = gate();
    const closed: string[] = [];
    const source = recordingSource({
      find: async (_resolution, { signal }) => {
        await building.wait(signal);
        return { hit: false, why: "not there" };
      },
    });
    const images = spine(source, { close: async () => void closed.push("host") });
    const running = images.ensure("hermes");
    await new Promise(setImmediate);
    const closing = images.close({ running: "finish" });
    await expect(images.ensure("hermes")).rejects.toMatchObject({ code: "CANCELLED" });
    expect(closed).toEqual([]);
    building.open();
    await expect(running).resolves.toMatchObject({ reference: "example/hermes:1" });
    await closing;
    await images.close();
    expect(closed).toEqual(["host"]);
  });

  test("happens at the end of a block with await using", async () => {
    const closed: string[] = [];
    const images = spine(recordingSource(), { close: async () => void closed.push("host") });
    await images[Symbol.asyncDispose]();
    expect(closed).toEqual(["host"]);
  });
});
