import { expect, test } from "@jest/globals";
import { defaultPlatform, type BuildRequest } from "@molecule/core";
import { buildContextOf } from "@molecule/testkit";
import { keepReport } from "./build-context.test.support.js";
import { buildOptions } from "./build-options.js";

const request: BuildRequest = {
  context: buildContextOf({}),
  platform: defaultPlatform,
  labels: {},
  target: undefined,
  buildArgs: {},
  noCache: false,
  pullBases: false,
  report: keepReport(),
};

test("name the Dockerfile as the builder receives it, and the version of the builder", () => {
  expect(buildOptions(request, "classic", ".dockerfile.1")).toMatchObject({
    dockerfile: ".dockerfile.1",
    version: "1",
    forcerm: true,
  });
  expect(buildOptions(request, "buildkit", "docker/Dockerfile")).toMatchObject({
    dockerfile: "docker/Dockerfile",
    version: "2",
  });
});
