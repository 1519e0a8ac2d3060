import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRuntimeName } from "@molecule/core";
import { callOf, openSource } from "./open-source.test-support.js";

const hermes = parseRuntimeName("hermes");
const images = { hermes: "registry.example.com/hermes:1" };

test("resolves to the configured image, and pulls nothing for that", async () => {
  const { source, pulled } = openSource({ images });
  const resolution = await source.resolve(hermes, callOf());
  assert.equal(resolution.reference, "registry.example.com/hermes:1");
  assert.deepEqual(pulled, []);
});

test("a runtime without an image is SOURCE_NOT_FOUND", async () => {
  const { source } = openSource({ images: {} });
  await assert.rejects(source.resolve(hermes, callOf()), { code: "SOURCE_NOT_FOUND" });
});

test("provides the image once, and finds it afterwards", async () => {
  const { source, pulled } = openSource({ images });
  const resolution = await source.resolve(hermes, callOf());
  assert.equal((await source.find(resolution, callOf())).hit, false);
  const image = await source.provide(resolution, undefined, callOf());
  const found = await source.find(resolution, callOf());
  assert.ok(found.hit);
  assert.deepEqual(await source.provide(resolution, found, callOf()), image);
  assert.deepEqual(pulled, ["registry.example.com/hermes:1"]);
});

test("what came for another platform is SOURCE_MISMATCH", async () => {
  const { source } = openSource({ images }, "arm64");
  const resolution = await source.resolve(hermes, callOf());
  await assert.rejects(source.provide(resolution, undefined, callOf()), { code: "SOURCE_MISMATCH" });
});
