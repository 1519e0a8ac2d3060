import { expect, test } from "@jest/globals";
import { buildctlFailure } from "./buildctl-failure.js";

const build = { step: "exporting to image", fetching: undefined, bases: { used: [] }, tail: "" };
const name = "registry.example.com/team/workspace-template-hermes";
const status = (text: string): string =>
  `unexpected status from POST request to https://registry.example.com/v2/team/workspace-template-hermes/blobs/uploads/: ${text}`;

// The texts of 0.34.2.
test.each([
  ["denied", "SOURCE_DENIED", false],
  [status("401 Unauthorized"), "SOURCE_DENIED", false],
  [status("403 Forbidden"), "SOURCE_DENIED", false],
  [status("405 Method Not Allowed"), "SOURCE_UNREACHABLE", false],
  [status("413 Request Entity Too Large"), "SOURCE_UNREACHABLE", false],
  [status("429 Too Many Requests"), "SOURCE_UNREACHABLE", true],
  [status("503 Service Unavailable"), "SOURCE_UNREACHABLE", true],
  [
    'failed to do request: Head "http://127.0.0.1:1/v2/t/x/blobs/sha256:8e": dial tcp 127.0.0.1:1: connect: connection refused',
    "SOURCE_UNREACHABLE",
    true,
  ],
])("a push that fails with `%s` is %s", (why, code, passes) => {
  const error = buildctlFailure(
    `failed to solve: failed to push ${name}: ${why}`,
    build,
    "tcp://builder:1234",
  );
  expect(error).toMatchObject({ code, message: `cannot push ${name}: ${why}` });
  expect(error.transient !== null).toBe(passes);
  expect(error.hint).toContain(
    code === "SOURCE_DENIED" ? "docker login registry.example.com" : "tcp://builder:1234",
  );
});
