import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import {
  allowedRuntimes,
  createMask,
  createSpine,
  defaultPlatform,
  parseRuntimeName,
  silentLog,
  silentProgress,
  systemClock,
  watchImages,
  type ImageInspection,
  type SourceServices,
} from "@molecule/core";
import { createStore } from "@molecule/node-edges";
import { temporaryDirectory, type TemporaryDirectory } from "@molecule/test-fixtures";
import * as v from "valibot";
import type { ImageBuilder } from "./image/image-builder.js";
import { asEngineLabels } from "./image/image-labels.js";
import { stubBuilder } from "./image/stub-builder.test.support.js";
import { templateOptions } from "./options/template-options.js";
import type { TemplateResolution } from "./template-resolution.js";
import { templateSource } from "./template-source.js";

const runtime = parseRuntimeName("hermes");
const registry = { mode: "local", prefix: "molecule-local" } as const;
const revision = "9".repeat(40);

let place: TemporaryDirectory;
/** Everything that was contacted other than the engine's list of images. */
let contacted: string[];
let image: ImageInspection | undefined;
let inspections: number;

beforeEach(async () => {
  place = await temporaryDirectory();
  contacted = [];
  image = undefined;
  inspections = 0;
});
afterEach(() => place.remove());

const refuse = (what: string) => (): Promise<never> => {
  contacted.push(what);
  return Promise.reject(new Error(`${what} was called`));
};

const builder: ImageBuilder = {
  ...stubBuilder,
  inspect: () => {
    inspections++;
    return Promise.resolve(image);
  },
  build: refuse("build"),
  tag: refuse("tag"),
};

function pinnedSource(forge: string): ReturnType<typeof templateSource> {
  const services: Partial<SourceServices> = {
    env: {},
    registry,
    platform: defaultPlatform,
    store: createStore({ directory: join(place.path, "cache"), env: {} }),
    clock: systemClock,
    log: silentLog,
    mask: createMask(),
    fetch: refuse("fetch"),
    run: refuse("run"),
  };
  return templateSource({
    name: "stub",
    builder,
    options: v.parse(templateOptions, { forge, templates: { hermes: { revision } } }),
    services: services as SourceServices,
  });
}

/** The image that this resolution describes. */
function imageOf({ reference, alias, labels }: TemplateResolution): ImageInspection {
  const id = `sha256:${"a".repeat(64)}`;
  const platform = { os: "linux", architecture: "amd64", variant: "" };
  const rest = { tags: [reference, alias], digests: [], sizeBytes: 1, taggedAt: null };
  return { id, ...platform, labels: asEngineLabels(labels), ...rest };
}

test.each(["gitea", "git"])(
  "watch of a pinned commit polls the engine only, and builds nothing (%s)",
  async (forge) => {
    const source = pinnedSource(forge);
    const call = {
      signal: new AbortController().signal,
      progress: silentProgress,
      log: silentLog,
      fresh: false,
    };
    image = imageOf((await source.resolve(runtime, call)) as TemplateResolution);
    const end = new AbortController();
    const seen: unknown[] = [];
    const images = createSpine({
      source,
      registry,
      selection: { source: "stub", mode: "local", because: "a test" },
      runtimes: allowedRuntimes([], "default"),
      timeoutMs: 60_000,
      mask: createMask(),
      clock: systemClock,
      log: silentLog,
    });
    const watched: Parameters<typeof watchImages>[0] = {
      plan: (...asked) => {
        // The first poll is followed by an `ensure`, which inspects as well.
        if (inspections >= 6) end.abort();
        return images.plan(...asked);
      },
      ensure: (...asked) => images.ensure(...asked),
    };
    await watchImages(watched, [runtime], {
      everyMs: 1,
      signal: end.signal,
      onImage: (_runtime, { cached, revision: commit }) => seen.push({ cached, commit }),
      onError: (_runtime, error) => seen.push(error),
    });
    await images.close();
    expect(seen).toEqual([{ cached: true, commit: revision }]);
    expect(contacted).toEqual([]);
  },
);
