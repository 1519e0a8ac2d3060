import { expect, test } from "@jest/globals";
import { buildctlFailure } from "./buildctl-failure.js";

const build = { step: undefined, fetching: undefined, bases: { used: [] }, tail: "" };

// Measured with buildctl 0.34.2: a builder that goes away after the check, at the start of a build, and during a step.
test.each([
  'listing workers for Build: failed to list workers: Unavailable: connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:1: connect: connection refused"',
  'failed to solve: Unavailable: connection error: desc = "transport: Error while dialing: dial unix /b.sock: connect: connection refused"',
  "failed to receive status: Unavailable: error reading from server: EOF",
])("another attempt may find another builder after: %s", (text) => {
  const failure = buildctlFailure(text, build, "tcp://127.0.0.1:1");
  expect(failure.transient).toEqual({});
  expect(failure).toMatchObject({
    code: "ENGINE_UNAVAILABLE",
    message: expect.stringContaining("tcp://127.0.0.1:1"),
  });
});

// Measured with docker-registry 2.8: several builds push the same new layer at the same time.
test("a push is repeated if the registry misses a layer that another build is pushing", () => {
  const unknown = "unknown: blob unknown to registry - sha256:e4cd555b93a9";
  const text = `failed to solve: failed to push r.example.com/a: errors:\nunknown: provided digest did not match uploaded content\n${unknown}`;
  const failure = buildctlFailure(text, build, "tcp://127.0.0.1:1");
  expect(failure.transient).toEqual({});
  expect(failure).toMatchObject({
    code: "SOURCE_UNREACHABLE",
    message: expect.stringMatching(/^cannot push r\.example\.com\/a: .*blob unknown to registry/),
  });
});

test("an error of a step that contains the same words is the template's", () => {
  const text = 'failed to solve: process "/bin/sh -c echo Unavailable: x" did not complete: exit code: 1';
  expect(buildctlFailure(text, build, "tcp://127.0.0.1:1")).toMatchObject({ code: "BUILD_FAILED" });
});
