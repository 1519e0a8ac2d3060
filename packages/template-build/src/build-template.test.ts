import { chmod, mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import {
  createMask,
  defaultPlatform,
  parseRuntimeName,
  silentLog,
  silentProgress,
  systemClock,
  type BuildContext,
  type Call,
  type ImageInspection,
  type SourceServices,
} from "@molecule/core";
import { createStore, findProgram, nodeEdges } from "@molecule/node-edges";
import { temporaryDirectory, type TemporaryDirectory } from "@molecule/test-fixtures";
import { startForge, type Forge } from "@molecule/testkit";
import * as v from "valibot";
import type { ImageBuilder } from "./image/image-builder.js";
import { stubBuilder } from "./image/stub-builder.test.support.js";
import { templateOptions } from "./options/template-options.js";
import { templateSource } from "./template-source.js";

const runtime = parseRuntimeName("hermes");
const id = `sha256:${"a".repeat(64)}`;
const call: Call = {
  signal: new AbortController().signal,
  progress: silentProgress,
  log: silentLog,
  fresh: false,
};

let place: TemporaryDirectory;
let forge: Forge;
/** The images of the builder: none has a tag. */
let images: Map<string, ImageInspection>;

beforeEach(async () => {
  [place, forge] = await Promise.all([temporaryDirectory(), startForge()]);
  images = new Map();
  await forge.addTemplate("hermes", {
    Dockerfile: "FROM scratch\n",
    "d/file": "content",
    link: { link: "d/file" },
  });
});
afterEach(async () => {
  await forge.stop();
  await place.remove();
});

/** Puts a `git` into PATH that runs this shell script before a checkout. */
async function gitBeforeCheckout(script: string): Promise<string> {
  const git = (await findProgram("git", process.env["PATH"])) ?? "";
  const directory = join(place.path, "bin");
  await mkdir(directory);
  await writeFile(
    join(directory, "git"),
    `#!/bin/sh\nif [ "$1" = checkout ]; then ${script}; fi\nexec '${git}' "$@"\n`,
  );
  await chmod(join(directory, "git"), 0o755);
  return [directory, process.env["PATH"]].join(delimiter);
}

/** Builds the template with a builder that calls `onContext`. */
async function build(PATH: string, onContext: (context: BuildContext) => Promise<void>): Promise<unknown> {
  const env = { PATH };
  const builder: ImageBuilder = {
    ...stubBuilder,
    async build({ context, labels }) {
      await onContext(context);
      const platform = { os: "linux", architecture: "amd64", variant: "" };
      const rest = { tags: [], digests: [], sizeBytes: 1, taggedAt: null };
      images.set(id, { id, ...platform, labels, ...rest });
      return id;
    },
    inspect: (nameOrId) => Promise.resolve(images.get(nameOrId)),
    discard: async (imageId) => void images.delete(imageId),
    tag: () => Promise.resolve(),
  };
  const services: Partial<SourceServices> = {
    ...nodeEdges({}),
    env,
    registry: { mode: "local", prefix: "molecule-local" },
    platform: defaultPlatform,
    store: createStore({ directory: join(place.path, "cache"), env }),
    clock: systemClock,
    log: silentLog,
    mask: createMask(),
  };
  const source = templateSource({
    name: "stub",
    builder,
    options: v.parse(templateOptions, { repoPrefix: forge.repoPrefix() }),
    services: services as SourceServices,
  });
  return source.provide(await source.resolve(runtime, call), undefined, call);
}

async function filesOf(context: BuildContext): Promise<string[]> {
  const seen: string[] = [];
  for await (const entry of context.entries()) {
    let content = entry.target;
    if (entry.kind === "file")
      for await (const chunk of context.open(entry)) content += Buffer.from(chunk).toString();
    seen.push(`${entry.path} ${content}`);
  }
  return seen;
}

test("the builder reads the whole context while the checkout is being written", async () => {
  const isBuilt = join(place.path, "is-built");
  const PATH = await gitBeforeCheckout(`while [ ! -e '${isBuilt}' ]; do sleep 0.1; done`);
  let files: string[] = [];
  const image = await build(PATH, async (context) => {
    files = await filesOf(context);
    await writeFile(isBuilt, "");
  });
  expect(files).toEqual(["Dockerfile FROM scratch\n", "d ", "d/file content", "link d/file"]);
  expect(image).toMatchObject({ imageId: id, built: true });
});

test("a commit that cannot be checked out has no image", async () => {
  const PATH = await gitBeforeCheckout("echo 'fatal: not today' >&2; exit 128");
  const built = build(PATH, async (context) => {
    await filesOf(context);
  });
  await expect(built).rejects.toMatchObject({
    code: "CHECKOUT_FAILED",
    message: expect.stringContaining("not today") as unknown,
  });
  expect(images.size).toBe(0);
});
