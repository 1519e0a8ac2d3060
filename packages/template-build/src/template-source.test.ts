import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import {
  defaultPlatform,
  ImageSourceError,
  parseRuntimeName,
  type ImageInspection,
  type ImageSource,
} from "@molecule/core";
import { temporaryDirectory, type TemporaryDirectory } from "@molecule/test-fixtures";
import { startForge, type Forge } from "@molecule/testkit";
import * as v from "valibot";
import { asEngineLabels } from "./image/image-labels.js";
import type { ImageBuilder } from "./image/image-builder.js";
import { stubBuilder, stubImage } from "./image/stub-builder.test.support.js";
import { quietCall as call, sourceServices } from "./source-services.test.support.js";
import { templateOptions } from "./options/template-options.js";
import type { TemplateResolution } from "./template-resolution.js";
import { templateSource } from "./template-source.js";

const runtime = parseRuntimeName("hermes");

let place: TemporaryDirectory;
let forge: Forge;
beforeEach(async () => {
  [place, forge] = await Promise.all([temporaryDirectory(), startForge()]);
  await forge.addTemplate("hermes", { Dockerfile: "FROM scratch\n" });
});
afterEach(async () => {
  await forge.stop();
  await place.remove();
});

/** Returns a source that builds for the engine's own platform. */
function sourceWith(kind: string, parts: Partial<ImageBuilder>): ImageSource {
  const env = { PATH: process.env["PATH"] };
  return templateSource({
    name: "stub",
    builder: { ...stubBuilder, ...parts },
    options: v.parse(templateOptions, { repoPrefix: forge.repoPrefix(), forge: kind }),
    services: sourceServices(place.path, env),
  });
}

/** Makes the forge wait with its next response to a lookup. Resolves with that response. */
function heldLookUp(kind: string, until: Promise<unknown>): Promise<ServerResponse> {
  return new Promise((resolve) => {
    forge.fault(
      kind === "git" ? "git" : "api",
      async (_request, response) => {
        resolve(response);
        await until;
        return false;
      },
      { times: 1 },
    );
  });
}

/** Returns the processes that contact the forge. */
async function processesOfForge(): Promise<string[]> {
  const numbers = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    numbers.map((number) => readFile(`/proc/${number}/cmdline`, "latin1").catch(() => "")),
  );
  return found.filter((line) => line.includes(forge.repoPrefix()));
}

describe.each(["gitea", "git"])("a lookup in a forge of the kind %s", (kind) => {
  test("runs while the engine is asked for its platform", async () => {
    let isAsked = (): void => undefined;
    const asked = new Promise<void>((resolve) => (isAsked = resolve));
    const lookUp = heldLookUp(kind, asked);
    const source = sourceWith(kind, {
      nativePlatform: async () => {
        await lookUp;
        isAsked();
        return defaultPlatform;
      },
    });
    expect(await source.resolve(runtime, call)).toMatchObject({ platform: defaultPlatform });
  });

  test("is cancelled if the engine fails, and leaves no process", async () => {
    const failure = new ImageSourceError({
      code: "ENGINE_UNAVAILABLE",
      message: "cannot connect",
      hint: "Start it.",
    });
    const lookUp = heldLookUp(kind, new Promise(() => undefined));
    const hasClosed = lookUp.then((response) => once(response, "close"));
    const source = sourceWith(kind, {
      nativePlatform: async () => {
        await lookUp;
        throw failure;
      },
    });
    await expect(source.resolve(runtime, call)).rejects.toBe(failure);
    await hasClosed;
    expect(await processesOfForge()).toEqual([]);
  });

  test("that fails cancels the request to the engine", async () => {
    forge.fault(kind === "git" ? "git" : "api", { status: 500 });
    let isCancelled = false;
    const source = sourceWith(kind, {
      nativePlatform: (_runtime, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => {
            isCancelled = true;
            reject(new Error("cancelled"));
          });
        }),
    });
    await expect(source.resolve(runtime, call)).rejects.toMatchObject({ code: "SOURCE_UNREACHABLE" });
    expect(isCancelled).toBe(true);
  });

  test("runs while the newest build is inspected, and needs no other inspection if that is the image", async () => {
    const inspected: string[] = [];
    let isInspected = (): void => undefined;
    const lookUp = heldLookUp(kind, new Promise<void>((resolve) => (isInspected = resolve)));
    const images: ImageInspection[] = [];
    const source = sourceWith(kind, {
      nativePlatform: () => Promise.resolve(defaultPlatform),
      inspect: async (name) => {
        inspected.push(name);
        await lookUp;
        isInspected();
        return images[0];
      },
    });
    const resolution = await source.resolve(runtime, call);
    const { reference, alias, labels } = resolution as TemplateResolution;
    expect(await source.find(resolution, call)).toMatchObject({ hit: false });
    expect(inspected.splice(0)).toEqual([alias, reference]);

    const image = stubImage({ labels: asEngineLabels(labels), tags: [reference, alias] });
    images.push(image);
    const again = await source.resolve(runtime, call);
    expect(await source.find(again, call)).toMatchObject({ hit: true, image: { imageId: image.id } });
    expect(inspected.splice(0)).toEqual([alias]);
    // As after a wait for the lock.
    expect(await source.find(again, call)).toMatchObject({ hit: true });
    expect(inspected).toEqual([reference]);
  });

  test("does not use the newest build if it is of another commit", async () => {
    const source = sourceWith(kind, {
      nativePlatform: () => Promise.resolve(defaultPlatform),
      inspect: (name) =>
        Promise.resolve(name.endsWith(":latest") ? stubImage({ tags: [name, "x:0123456789ab"] }) : undefined),
    });
    const resolution = await source.resolve(runtime, call);
    expect(await source.find(resolution, call)).toMatchObject({ hit: false });
  });
});
