import { expect, test } from "@jest/globals";
import { classifyRegistryText } from "./classify-registry-text.js";

const outcome = (text: string, origin: Parameters<typeof classifyRegistryText>[1] = "transfer"): string => {
  const { code = "unknown", passes = false } = classifyRegistryText(text, origin) ?? {};
  return passes ? `${code}, may pass` : code;
};
const digest = `sha256:${"1".repeat(64)}`;

// From engines that these tests do not run on, as their users reported them.
test.each([
  ["error from registry: denied\ndenied", "SOURCE_DENIED"],
  ["error from registry: no", "SOURCE_UNREACHABLE, may pass"],
  // Refused pushes to Alibaba Cloud and Mirantis.
  ["The requested tag already exists and cannot be overwritten.", "SOURCE_DENIED"],
  [
    "unknown: tag=latest cannot be overwritten because r/library/x is an immutable repository",
    "SOURCE_DENIED",
  ],
  [
    "r/x:v1: failed to resolve source metadata for r/x:v1: failed to authorize: failed to fetch oauth token: unexpected status from POST request to http://r/token: 401 Unauthorized: incorrect username or password",
    "SOURCE_DENIED",
  ],
  [
    "r/x:v1: failed to resolve source metadata for r/x:v1: failed to authorize: failed to fetch oauth token: denied: denied",
    "SOURCE_DENIED",
  ],
  [
    "r/x:v1: failed to resolve source metadata for r/x:v1: failed to authorize: failed to fetch oauth token: unknown: no",
    "SOURCE_UNREACHABLE",
  ],
  [
    `failed commit on ref "manifest-${digest}": commit failed: "manifest-${digest}" failed size validation: 406 != 405: failed precondition`,
    "SOURCE_MISMATCH",
  ],
  [
    `children: invalid desc ${digest}: invalid character 'n' looking for beginning of object key string`,
    "SOURCE_MALFORMED",
  ],
  [`unexpected media type text/html for ${digest}: not found`, "SOURCE_MALFORMED"],
  [
    'media type "application/vnd.docker.distribution.manifest.v1+prettyjws" is no longer supported since containerd v2.1, please rebuild the image',
    "SOURCE_MALFORMED",
  ],
  [
    'not implemented: media type "application/vnd.docker.distribution.manifest.v1+prettyjws" is no longer supported since containerd v2.1',
    "SOURCE_MALFORMED",
  ],
  [
    "[DEPRECATION NOTICE] Docker Image Format v1 and Docker Image manifest version 2, schema 1 support is disabled",
    "SOURCE_MALFORMED",
  ],
  ["grpc: the client connection is closing: context canceled", "ENGINE_UNAVAILABLE, may pass"],
  ["rpc error: code = Unavailable desc = error reading from server: EOF", "ENGINE_UNAVAILABLE, may pass"],
  [
    'failed to resolve reference "r/x:v1": connection error: desc = "transport: Error while dialing: dial unix /run/containerd.sock: connect: connection refused"',
    "ENGINE_UNAVAILABLE, may pass",
  ],
  ["failed to register layer: lchown /x: invalid argument", "ENGINE_UNAVAILABLE"],
  ['failed to register layer: exec: "tar": executable file not found in $PATH', "ENGINE_UNAVAILABLE"],
  ["ApplyLayer exit status 1 stdout:  stderr: lchown /x: operation not permitted", "ENGINE_UNAVAILABLE"],
  [
    "tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time …",
    "SOURCE_UNREACHABLE",
  ],
  [
    'Get "https://r/v2/": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)',
    "SOURCE_UNREACHABLE, may pass",
  ],
  [
    'Get "https://r/v2/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
    "SOURCE_UNREACHABLE, may pass",
  ],
  ['Get "https://r/v2/": dial tcp: lookup r on 10.0.0.1:53: no such host', "SOURCE_UNREACHABLE"],
  [
    'Get "https://r/v2/": dial tcp: lookup r on 10.0.0.1:53: server misbehaving',
    "SOURCE_UNREACHABLE, may pass",
  ],
])("%s: %s", (text, expected) => {
  expect(outcome(text)).toBe(expected);
});

test.each([
  ["manifest unknown", "SOURCE_NOT_FOUND"],
  ["denied: requested access to the resource is denied", "SOURCE_DENIED"],
  ["unauthorized: authentication required", "SOURCE_DENIED"],
  ["received unexpected HTTP status: 503 Service Unavailable", "SOURCE_UNREACHABLE, may pass"],
  ["unknown blob", "SOURCE_MALFORMED"],
  ["read tcp 127.0.0.1:1->127.0.0.1:2: read: connection reset by peer", "SOURCE_UNREACHABLE, may pass"],
])("%s means the same after any engine prefix", (text, expected) => {
  for (const wrapping of [
    "download failed after attempts=6: ",
    "error pulling image configuration: download failed after attempts=1: ",
    "unable to copy from source docker://r/x:v1: initializing source docker://r/x:v1: reading manifest v1 in r/x: ",
    "creating build container: initializing source docker://r/x:v1: ",
    "a wrapping of the next version: and another one: ",
  ])
    expect(outcome(`${wrapping}${text}`)).toBe(expected);
});

test("the hint names the setting that allows a plain http registry", () => {
  const text =
    'pinging container registry r:5000: Get "https://r:5000/v2/": http: server gave HTTP response to HTTPS client';
  expect(classifyRegistryText(text, "transfer")).toMatchObject({
    code: "SOURCE_UNREACHABLE",
    hint: expect.stringMatching(/insecure-registries.*registries\.conf/),
  });
});

// These quote what a Dockerfile prints.
test.each([
  "The command '/bin/sh -c echo x: unauthorized: y' returned a non-zero code: 1",
  'process "/bin/sh -c : reading manifest v1 in r/x: unauthorized" did not complete successfully: exit code: 1',
  "executor failed running [/bin/sh -c : denied: x]: exit code: 1",
  'building at STEP "RUN creating build container: initializing source docker://r/x: denied": while running runtime: exit status 1',
  'failed to compute cache key: failed to calculate checksum of ref a::b: "/x: unauthorized: y": not found',
  'COPY failed: file not found in build context or excluded by .dockerignore: stat "x: denied: EOF": file does not exist',
])("%s is not a registry error", (text) => {
  expect(outcome(text, "building")).toBe("unknown");
  expect(outcome(text, "fetching")).toBe("unknown");
});
