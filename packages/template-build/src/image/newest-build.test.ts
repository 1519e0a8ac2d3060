import { expect, test } from "@jest/globals";
import {
  defaultPlatform,
  ImageSourceError,
  silentLog,
  silentProgress,
  systemClock,
  type Call,
  type ErrorCode,
} from "@molecule/core";
import type { ImageBuilder } from "./image-builder.js";
import { newestBuild, type NewestBuild } from "./newest-build.js";
import { stubBuilder, stubImage } from "./stub-builder.test.support.js";

const call: Call = {
  signal: new AbortController().signal,
  progress: silentProgress,
  log: silentLog,
  fresh: false,
};
const image = stubImage({ tags: ["x:0123456789ab", "x:latest"] });

/** A clock that moves by hand. */
function handClock() {
  let nowMs = 0;
  return { ...systemClock, monotonicMs: () => nowMs, move: (byMs: number) => void (nowMs += byMs) };
}

function newestOf(inspect: ImageBuilder["inspect"], clock = handClock()): NewestBuild {
  return newestBuild({ ...stubBuilder, inspect }, clock);
}

const failing = (code: ErrorCode): ImageBuilder["inspect"] => {
  const error = new ImageSourceError({ code, message: "cannot inspect", hint: "Retry." });
  return () => Promise.reject(error);
};

test("an inspected image is returned only to its call, and only once", async () => {
  const newest = newestOf(() => Promise.resolve(image));
  await newest.inspect("x:latest", defaultPlatform, call, call.signal);
  expect(await newest.take({ ...call })).toBeUndefined();
  expect(await newest.take(call)).toBe(image);
  expect(await newest.take(call)).toBeUndefined();
});

test("an inspection from before a slow response of the forge does not count", async () => {
  const clock = handClock();
  const newest = newestOf(() => Promise.resolve(image), clock);
  await newest.inspect("x:latest", defaultPlatform, call, call.signal);
  clock.move(1_001);
  expect(await newest.take(call)).toBeUndefined();
});

test("an engine that cannot be reached fails the call that takes the image", async () => {
  const newest = newestOf(failing("ENGINE_UNAVAILABLE"));
  await newest.inspect("x:latest", defaultPlatform, call, call.signal);
  await expect(newest.take(call)).rejects.toMatchObject({ code: "ENGINE_UNAVAILABLE" });
  expect(await newest.take(call)).toBeUndefined();
});

test("after any other failure of the inspection, no image is returned", async () => {
  const newest = newestOf(failing("SOURCE_MISMATCH"));
  await newest.inspect("x:latest", defaultPlatform, call, call.signal);
  expect(await newest.take(call)).toBeUndefined();
});

test("a lookup that is repeated in a call does not repeat the inspection, until the image was taken", async () => {
  let inspections = 0;
  const newest = newestOf(() => Promise.resolve((inspections++, image)));
  const inspect = () => newest.inspect("x:latest", defaultPlatform, call, call.signal);
  await inspect();
  await inspect();
  expect(inspections).toBe(1);
  await newest.take(call);
  await inspect();
  expect(inspections).toBe(2);
});
