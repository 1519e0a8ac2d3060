import { describe, expect, test } from "@jest/globals";
import { buildFailure } from "./build-failure.js";

const builder = { name: "the builder", runHint: "Restart it.", full: () => undefined };

const failure = (text: string, step?: string) =>
  buildFailure({ text }, { step, fetching: undefined, bases: { used: [] }, tail: "" }, builder);

// The first text of each case is from Docker 20.10.24.
describe("the engine's own operations are left out of", () => {
  test.each([
    'failed to compute cache key: "/nope.txt" not found: not found',
    'failed to solve: failed to compute cache key: failed to calculate checksum of ref a::b: "/nope.txt": not found',
  ])("a missing file: %s", (text) => {
    expect(failure(text, "[2/2] COPY nope.txt /x")).toMatchObject({
      code: "BUILD_FAILED",
      message: 'build failed at "[2/2] COPY nope.txt /x": nope.txt not found',
    });
  });

  test.each([
    "failed to solve with frontend dockerfile.v0: failed to create LLB definition: h:5000/x/y:latest: not found",
    "failed to solve: h:5000/x/y:latest: not found",
  ])("a missing base image, which is named: %s", (text) => {
    expect(failure(text, "[internal] load metadata for h:5000/x/y:latest")).toMatchObject({
      code: "SOURCE_NOT_FOUND",
      message:
        "the base image h:5000/x/y:latest does not exist in the registry: h:5000/x/y:latest: not found",
    });
  });

  test("a registry that is down", () => {
    const why =
      'failed to do request: Head "http://h:1/v2/x/manifests/latest": dial tcp h:1: connect: connection refused';
    const { message } = failure(
      `failed to solve with frontend dockerfile.v0: failed to create LLB definition: ${why}`,
      "[internal] load metadata for h:1/x:latest",
    );
    expect(message).toBe(`the base image h:1/x:latest cannot be fetched from its registry: ${why}`);
  });
});
