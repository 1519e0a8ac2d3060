import { Readable } from "node:stream";
import { expect, test } from "@jest/globals";
import { defaultPlatform, type BuildRequest, type ContextFiles } from "@molecule/core";
import { keepReport } from "./build-context.test.support.js";
import { buildOptions } from "./build-options.js";

const files: ContextFiles = {
  modifiedAt: new Date(0),
  list: () => {
    throw new Error("no file should be requested");
  },
};
const request: BuildRequest = {
  context: Readable.from([]),
  dockerfile: "docker/Dockerfile",
  platform: defaultPlatform,
  labels: {},
  target: undefined,
  buildArgs: {},
  noCache: false,
  pullBases: false,
  report: keepReport(),
};

test("name the Dockerfile as the builder receives it", () => {
  const renamed = { ...request, contextDockerfile: ".dockerfile.1" };
  expect(buildOptions(request, "classic").dockerfile).toBe("docker/Dockerfile");
  expect(buildOptions(renamed, "classic").dockerfile).toBe(".dockerfile.1");
  expect(buildOptions(renamed, "buildkit").dockerfile).toBe(".dockerfile.1");
  expect(buildOptions({ ...renamed, files }, "buildkit").dockerfile).toBe("docker/Dockerfile");
});

test("list excludes only if there are any", () => {
  expect(buildOptions(request, "classic")).not.toHaveProperty("excludes");
  expect(buildOptions({ ...request, contextExcludes: ["a", "b"] }, "classic").excludes).toBe('["a","b"]');
});
