import { systemClock as clock } from "../watch/system-clock.js";
import { describe, expect, test } from "@jest/globals";
import { silentLog } from "../contract/edges.js";
import { ImageSourceError } from "../errors/errors.js";
import type { EnsuredImage } from "../contract/image-provider.js";
import type { ImageSource, ReadyImage, Resolution } from "../contract/image-source.js";
import { createKeyedLock, type KeyedLock, type Release } from "../concurrency/keyed-lock.js";
import { defaultPlatform } from "../values/platform.js";
import type { ProgressEvent } from "../contract/progress.js";
import { gate, imageId, recordingSource, secret, spine } from "./spine.test.support.js";

describe("ensure", () => {
  test("resolves, finds and provides a missing image", async () => {
    const source = recordingSource();
    const image = await spine(source).ensure("hermes");
    expect(source.calls).toEqual(["resolve", "find", "find", "provide"]);
    expect(image).toMatchObject({
      source: "recording",
      reference: "example/hermes:1",
      imageId,
      cached: false,
      stale: false,
    });
    expect(Number.isInteger(image.durationMs)).toBe(true);
  });

  test("only resolves and finds an existing image", async () => {
    const source = recordingSource();
    source.present = true;
    expect(await spine(source).ensure("hermes")).toMatchObject({ cached: true });
    expect(source.calls).toEqual(["resolve", "find", "settle"]);
  });

  test.each(["../x", "x;id", "-x", "X", "a\0b", "a".repeat(300), "__proto__", "constructor", "", "nope"])(
    "rejects the runtime %j before calling the source",
    async (runtime) => {
      const source = recordingSource();
      await expect(spine(source).ensure(runtime)).rejects.toMatchObject({
        code: "RUNTIME_UNKNOWN",
        source: "recording",
      });
      expect(source.calls).toEqual([]);
    },
  );

  test("rejects an invalid registry prefix before checking the runtime or calling the source", async () => {
    const source = recordingSource();
    const provider = spine(source, { registry: { mode: "registry", prefix: "http://r" } });
    await expect(provider.ensure("nope")).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    await expect(provider.plan("hermes")).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    expect(source.calls).toEqual([]);
  });
});

describe("a resolved image that has moved", () => {
  const moved = new ImageSourceError({
    code: "CHECKOUT_FAILED",
    message: "moved",
    hint: "call again",
    again: true,
  });

  test("is resolved again", async () => {
    let tries = 0;
    const source = recordingSource({
      provide: async () => {
        if (++tries < 3) throw moved;
        return undefined as never;
      },
    });
    expect(await spine(source).ensure("hermes")).toMatchObject({ imageId });
    expect(source.calls.filter((verb) => verb === "resolve")).toHaveLength(3);
  });

  test("is resolved at most three times", async () => {
    const source = recordingSource({ provide: () => Promise.reject(moved) });
    await expect(spine(source).ensure("hermes")).rejects.toMatchObject({ code: "CHECKOUT_FAILED" });
    expect(source.calls.filter((verb) => verb === "resolve")).toHaveLength(3);
  });
});

describe("refresh", () => {
  test("ignores an existing image, and passes `fresh` to the source", async () => {
    let fresh: boolean | undefined;
    const source = recordingSource({
      resolve: undefined as never,
      provide: async (_resolution, _found, call) => {
        fresh = call.fresh;
        return undefined as never;
      },
    });
    source.present = true;
    expect(await spine(source).refresh("hermes")).toMatchObject({ cached: false });
    expect(source.calls).toEqual(["resolve", "provide"]);
    expect(fresh).toBe(true);
  });
});

describe("a source that shares its images", () => {
  const held = (): { lock: KeyedLock; isFree: () => boolean } => {
    const inner = createKeyedLock();
    let holders = 0;
    const counted = (release: Release): Release => {
      holders += 1;
      return async () => {
        holders -= 1;
        await release();
      };
    };
    const tryTake: KeyedLock["tryTake"] = async (key) => {
      const release = await inner.tryTake(key);
      return release === undefined ? undefined : counted(release);
    };
    const take: KeyedLock["take"] = async (key, signal) => counted(await inner.take(key, signal));
    return { lock: { tryTake, take }, isFree: () => holders === 0 };
  };

  test("shares the image once it is built and its lock is released", async () => {
    const { lock, isFree } = held();
    const shared: unknown[] = [];
    const source = {
      ...recordingSource(),
      share: async ({ reference }: Resolution, image: ReadyImage) => {
        shared.push([reference, image.imageId, isFree()]);
      },
    };
    const images = spine(source, { lock });
    expect(await images.ensure("hermes")).not.toHaveProperty("built");
    expect(shared).toEqual([["example/hermes:1", imageId, true]]);
    await images.ensure("hermes");
    expect(shared).toHaveLength(1);
  });

  test("does not share an image that it did not build", async () => {
    const shared: unknown[] = [];
    const honest = recordingSource();
    const source = {
      ...honest,
      provide: async (...of: Parameters<typeof honest.provide>) => ({
        ...(await honest.provide(...of)),
        built: false,
      }),
      share: async (...of: unknown[]) => void shared.push(of),
    };
    expect(await spine(source).ensure("hermes")).toMatchObject({ cached: false });
    expect(shared).toEqual([]);
  });

  test("still returns the image if sharing fails, with a warning", async () => {
    const share = () => Promise.reject(new Error("registry is full"));
    const warnings: unknown[] = [];
    const log = { ...silentLog, warn: (...args: unknown[]) => void warnings.push(args) };
    const source = { ...recordingSource(), share };
    const images = spine(source, { log });
    expect(await images.ensure("hermes")).toMatchObject({ imageId, cached: false });
    expect(warnings).toEqual([
      [
        "cannot share the image; it is used on this host only",
        { reference: "example/hermes:1", error: "Error: registry is full" },
      ],
    ]);
  });
});

describe("plan", () => {
  test("explains a miss and changes nothing", async () => {
    const source = recordingSource();
    expect(await spine(source).plan("hermes")).toMatchObject({
      hit: false,
      imageId: null,
      why: "not there",
      because: "a test",
    });
    expect(source.calls).toEqual(["resolve", "find"]);
  });

  test("reports an existing image", async () => {
    const source = recordingSource();
    source.present = true;
    expect(await spine(source).plan("hermes")).toMatchObject({
      hit: true,
      imageId,
      step: null,
      why: null,
      cached: null,
      durationMs: null,
    });
  });

  test.each([true, false])("names the build arguments of the resolution (found: %s)", async (present) => {
    const rest = { revision: null, buildKey: "k", platform: defaultPlatform, buildArgs: ["A", "B"] };
    const resolve: ImageSource["resolve"] = async (runtime) => ({ runtime, reference: "r:1", ...rest });
    const source = recordingSource({ resolve });
    source.present = present;
    expect(await spine(source).plan("hermes")).toMatchObject({ hit: present, buildArgs: ["A", "B"] });
  });

  test("has no build arguments where the source reports none", async () => {
    expect(await spine(recordingSource()).plan("hermes")).toMatchObject({ buildArgs: null });
  });

  test.each([
    [{ buildKey: null }, "pull"],
    [{ buildKey: "k" }, "build"],
    [{ buildKey: null, step: "load" }, "load"],
  ] as const)("names the step that would provide a missing image: %j is %s", async (facts, step) => {
    const rest = { reference: "r:1", revision: null, platform: defaultPlatform };
    const source = recordingSource({ resolve: async (runtime) => ({ runtime, ...rest, ...facts }) });
    expect(await spine(source).plan("hermes")).toMatchObject({ hit: false, step });
  });

  test("rejects a resolution with another step", async () => {
    const rest = { reference: "r:1", revision: null, buildKey: null, platform: defaultPlatform };
    const step = "fetch" as "load";
    const source = recordingSource({ resolve: async (runtime) => ({ runtime, ...rest, step }) });
    await expect(spine(source).plan("hermes")).rejects.toMatchObject({ code: "PLUGIN_BROKEN" });
  });
});

describe("callers", () => {
  test("of one runtime share one operation, and all get its result", async () => {
    const { open, wait } = gate();
    const source = recordingSource({
      provide: async (_resolution, _found, { signal }) => wait(signal) as never,
    });
    const provider = spine(source);
    const calls = Array.from({ length: 100 }, () => provider.ensure("hermes"));
    open();
    const images = await Promise.all(calls);
    expect(source.calls).toEqual(["resolve", "find", "find", "provide"]);
    expect(new Set(images.map((image: EnsuredImage) => image.imageId))).toEqual(new Set([imageId]));
  });

  test("of different runtimes do not wait for each other", async () => {
    const { wait } = gate();
    const source = recordingSource({
      provide: async ({ runtime }, _found, { signal }) =>
        (runtime === "hermes" ? wait(signal) : undefined) as never,
    });
    const provider = spine(source);
    const stuck = provider.ensure("hermes");
    stuck.catch(() => undefined);
    expect(await provider.ensure("codex")).toMatchObject({ reference: "example/codex:1" });
  });

  test("that abort get CANCELLED immediately while the others continue", async () => {
    const { open, wait, aborted } = gate();
    const source = recordingSource({
      provide: async (_resolution, _found, { signal }) => wait(signal) as never,
    });
    const provider = spine(source);
    const leaver = new AbortController();
    const abandoned = provider.ensure("hermes", { signal: leaver.signal });
    const stayed = provider.ensure("hermes");
    leaver.abort();
    await expect(abandoned).rejects.toMatchObject({ code: "CANCELLED" });
    expect(aborted()).toBe(false);
    open();
    expect(await stayed).toMatchObject({ imageId });
  });

  test("stop the operation when the last of them aborts, and the next caller starts a new one", async () => {
    const { wait, aborted } = gate();
    let tries = 0;
    const source = recordingSource({
      provide: async (_resolution, _found, { signal }) => (++tries === 1 ? wait(signal) : undefined) as never,
    });
    const provider = spine(source);
    const controller = new AbortController();
    const calls = [1, 2].map(() => provider.ensure("hermes", { signal: controller.signal }));
    // Until the work reaches its slow part.
    while (tries === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    for (const result of await Promise.allSettled(calls)) {
      expect(result).toMatchObject({ status: "rejected", reason: { code: "CANCELLED" } });
    }
    expect(aborted()).toBe(true);
    expect(await provider.ensure("hermes")).toMatchObject({ imageId });
  });

  test("with an aborted signal start nothing", async () => {
    const source = recordingSource();
    await expect(spine(source).ensure("hermes", { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "CANCELLED",
    });
    expect(source.calls).toEqual([]);
  });

  test("of ensure and refresh take turns building one image, and the second looks again", async () => {
    const { open, wait } = gate();
    let making = 0;
    let most = 0;
    const source = recordingSource({
      provide: async (_resolution, found, { signal }) => {
        if (found !== undefined) return undefined as never;
        most = Math.max(most, ++making);
        await wait(signal);
        making--;
        return undefined as never;
      },
    });
    const provider = spine(source);
    const calls = [provider.refresh("hermes"), provider.ensure("hermes")];
    await new Promise((resolve) => setTimeout(resolve, 20));
    open();
    const [, second] = await Promise.all(calls);
    expect(most).toBe(1);
    expect(second).toMatchObject({ cached: true });
  });
});

describe("progress", () => {
  test("ends every step that begins, even a failed one, and shows a late caller the current step", async () => {
    const { open, wait } = gate();
    const source = recordingSource({
      provide: async (_resolution, _found, { signal, progress }) =>
        progress.step("build", "it", async ({ output }) => {
          await wait(signal);
          output(`one\ntwo ${secret}\u001b[31m\n`);
          throw new Error("no");
        }),
    });
    const provider = spine(source);
    const first: ProgressEvent[] = [];
    const late: ProgressEvent[] = [];
    const failed = provider.ensure("hermes", { onProgress: (event) => first.push(event) });
    while (!first.some(({ step }) => step === "build")) await new Promise((resolve) => setImmediate(resolve));
    const joined = provider.ensure("hermes", { onProgress: (event) => late.push(event) });
    open();
    await expect(failed).rejects.toMatchObject({ code: "INTERNAL" });
    await expect(joined).rejects.toMatchObject({ code: "INTERNAL" });

    expect(first.map(({ type, step }) => `${step} ${type}`)).toEqual([
      "resolve started",
      "resolve finished",
      "find started",
      "find finished",
      "build started",
      "build output",
      "build output",
      "build finished",
    ]);
    expect(
      first.filter(({ type }) => type === "output").map((event) => "line" in event && event.line),
    ).toEqual(["one", "two ***\\u001b[31m"]);
    expect(late.map(({ type, step }) => `${step} ${type}`)).toEqual(
      first.slice(4).map(({ type, step }) => `${step} ${type}`),
    );
  });

  test("survives a listener that throws", async () => {
    const onProgress = (): void => {
      throw new Error("broken display");
    };
    expect(await spine(recordingSource()).ensure("hermes", { onProgress })).toMatchObject({ imageId });
  });
});

describe("failures", () => {
  test("have a source and a step, one line, no secret and no control character, causes included", async () => {
    const source = recordingSource({
      resolve: async () => {
        const cause = Object.assign(new Error(`told ${secret}`), {
          code: "ECONNRESET",
          request: { token: secret },
        });
        throw new Error(`no\n${secret} \u001b]0;x\u0007`, { cause });
      },
    });
    const error = await spine(source)
      .ensure("hermes")
      .catch((reason: unknown) => reason as Error);
    expect(error).toMatchObject({ code: "INTERNAL", source: "recording" });
    const everything = inspectDeep(error);
    expect(everything).not.toContain(secret);
    // eslint-disable-next-line no-control-regex -- these must not appear
    expect(everything).not.toMatch(/[\u0007\u001b]/);
    expect((error as Error).message).not.toContain("\n");
  });

  test("of the deadline name the step, and do not wait for a source that ignores its signal", async () => {
    const source = recordingSource({ find: () => new Promise(() => undefined) });
    const provider = spine(source, {
      timeoutMs: 50,
      clock: { ...clock, after: (ms, callback) => clock.after(Math.min(ms, 100), callback) },
    });
    await expect(provider.ensure("hermes")).rejects.toMatchObject({
      code: "TIMED_OUT",
      message: expect.stringContaining("find example/hermes:1"),
    });
  });

  const byDigest = `docker.io/example/hermes@${imageId}`;

  test("of a source that names an image in a registry by its digest: accepts it", async () => {
    const named = { reference: byDigest, digest: imageId };
    const source = recordingSource({
      provide: async ({ revision, platform, buildKey }) => ({
        ...{ ...named, imageId, revision, platform, buildKey, engine: null },
      }),
    });
    expect(await spine(source).ensure("hermes")).toMatchObject(named);
  });

  test.each<[string, Partial<ReadyImage>]>([
    ["another reference", { reference: "example/other:1" }],
    ["another digest than in its reference", { reference: byDigest, digest: `sha256:${"b".repeat(64)}` }],
    [
      "a reference by digest for an image in an engine",
      { reference: byDigest, digest: imageId, engine: { kind: "docker", address: "unix:///x" } },
    ],
    ["no image ID", { imageId: "latest" }],
    ["another platform", { platform: "linux/arm64" as ReadyImage["platform"] }],
    ["another build key", { buildKey: "x" }],
  ])("of a source that returns %s", async (_what, lie) => {
    const source = recordingSource({
      provide: async ({ reference, revision, platform, buildKey }) => ({
        ...{ reference, imageId, digest: null, revision, platform, buildKey, engine: null },
        ...lie,
      }),
    });
    await expect(spine(source).ensure("hermes")).rejects.toMatchObject({ code: "PLUGIN_BROKEN" });
  });

  test.each(["resolve", "find", "provide"] as const)(
    "of a source that returns an invalid value from %s",
    async (verb) => {
      for (const junk of [null, "junk", 7]) {
        const source = { ...recordingSource(), [verb]: async () => junk as never };
        await expect(spine(source).ensure("hermes")).rejects.toMatchObject({
          code: "PLUGIN_BROKEN",
          source: "recording",
        });
      }
    },
  );

  test("of a source that resolves another runtime", async () => {
    const other = { reference: "example/x:1", revision: null, buildKey: null, platform: defaultPlatform };
    const source = recordingSource({
      resolve: async () => ({ runtime: "codex" as Resolution["runtime"], ...other }),
    });
    await expect(spine(source).ensure("hermes")).rejects.toMatchObject({ code: "PLUGIN_BROKEN" });
  });
});

describe("close", () => {
  test("cancels running work, waits for its clean-up, and rejects new callers", async () => {
    let cleaned = false;
    const source = recordingSource({
      provide: (_resolution, _found, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => {
            setTimeout(() => {
              cleaned = true;
              reject(signal.reason as Error);
            }, 20);
          });
        }),
    });
    const provider = spine(source);
    const running = provider.ensure("hermes").catch((error: unknown) => error);
    while (!source.calls.includes("provide")) await new Promise((resolve) => setImmediate(resolve));
    await provider.close();
    expect(cleaned).toBe(true);
    expect(await running).toMatchObject({ code: "CANCELLED" });
    await expect(provider.ensure("hermes")).rejects.toMatchObject({ code: "CANCELLED" });
  });
});

/** Every string in an error, its causes and their properties. */
function inspectDeep(value: unknown): string {
  if (!(value instanceof Error)) return JSON.stringify({ value });
  const own = Object.getOwnPropertyNames(value).filter((name) => name !== "cause");
  const texts = own.map((name) => String((value as unknown as Record<string, unknown>)[name]));
  return [...texts, inspectDeep(value.cause)].join("\n");
}

describe("an observer", () => {
  test("is notified once, however many callers share the work, and of the result", async () => {
    const observed: unknown[] = [];
    const provider = spine(recordingSource(), {
      observer: {
        begin: (work) => {
          observed.push(work);
          return {
            event: ({ step, type }) => observed.push(`${step} ${type}`),
            end: (outcome) => observed.push("image" in outcome ? outcome.image.imageId : outcome.error.code),
          };
        },
      },
    });
    await Promise.all([provider.ensure("hermes"), provider.ensure("hermes")]);
    expect(observed).toEqual([
      { verb: "ensure", source: "recording", runtime: "hermes" },
      "resolve started",
      "resolve finished",
      "find started",
      "find finished",
      imageId,
    ]);
  });

  test("is notified of a failure, masked", async () => {
    const observed: unknown[] = [];
    const source = recordingSource({ resolve: () => Promise.reject(new Error(`told ${secret}`)) });
    const observer = {
      begin: () => ({ event: () => undefined, end: (outcome: object) => observed.push(outcome) }),
    };
    await expect(spine(source, { observer }).refresh("hermes")).rejects.toMatchObject({ code: "INTERNAL" });
    expect(observed).toMatchObject([
      { error: { code: "INTERNAL", message: "internal error: Error: told ***" } },
    ]);
  });

  test("receives no facts of a wrong type, which do not fail the plugin's work", async () => {
    const source = recordingSource({
      find: async (_resolution, { annotate }) => {
        annotate?.({ wrong: null } as never);
        return { hit: false, why: "not there" };
      },
    });
    const facts: unknown[] = [];
    const observation = {
      event: () => undefined,
      annotate: (some: unknown) => void facts.push(some),
      end: () => undefined,
    };
    const observer = { begin: () => observation };
    expect(await spine(source, { observer }).ensure("hermes")).toMatchObject({ imageId });
    expect(facts).toEqual([]);
  });

  test.each(["begin", "event", "end"])("that throws in %s breaks nothing", async (where) => {
    const broken = (): never => {
      throw new Error("broken");
    };
    const observation = { event: () => undefined, end: () => undefined, [where]: broken };
    const observer = { begin: where === "begin" ? broken : () => observation };
    expect(await spine(recordingSource(), { observer }).ensure("hermes")).toMatchObject({ imageId });
  });
});
