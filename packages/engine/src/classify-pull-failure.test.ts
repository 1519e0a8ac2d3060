import { expect, test } from "@jest/globals";
import { pullFailure } from "./classify-pull-failure.js";

const code = (text: string, status = 500): string =>
  pullFailure({ text, status }, { reference: "r/x:y", address: "unix:///e" }, undefined).code;

test.each([
  ["toomanyrequests: slow down", "SOURCE_UNREACHABLE"],
  ["received unexpected HTTP status: 503 Service Unavailable", "SOURCE_UNREACHABLE"],
  ["received unexpected HTTP status: 502 Bad Gateway", "SOURCE_UNREACHABLE"],
  ['Head "http://127.0.0.1:5978/v2/rst/x/manifests/latest": EOF', "SOURCE_UNREACHABLE"],
  ["unexpected EOF", "SOURCE_UNREACHABLE"],
  ['Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused', "SOURCE_UNREACHABLE"],
  [
    'Get "https://no.invalid/v2/": dial tcp: lookup no.invalid on 10.0.0.1:53: no such host',
    "SOURCE_UNREACHABLE",
  ],
  ['Get "https://r/v2/": http: server gave HTTP response to HTTPS client', "SOURCE_UNREACHABLE"],
  [
    'creating build container: initializing source docker://127.0.0.1:1/x:y: pinging container registry 127.0.0.1:1: Get "https://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused\nSTEP 1/6: FROM 127.0.0.1:1/x:y',
    "SOURCE_UNREACHABLE",
  ],
  ["unauthorized", "SOURCE_DENIED"],
  ["unauthorized: authentication required", "SOURCE_DENIED"],
  ['Head "http://127.0.0.1:1/v2/x/manifests/y": no basic auth credentials', "SOURCE_DENIED"],
  ["denied", "SOURCE_DENIED"],
  [
    "pull access denied for x, repository does not exist or may require 'docker login': denied: x",
    "SOURCE_DENIED",
  ],
  ["name unknown", "SOURCE_NOT_FOUND"],
  ["manifest unknown", "SOURCE_NOT_FOUND"],
  ["manifest for 127.0.0.1:1/x:y not found: manifest unknown: manifest unknown", "SOURCE_NOT_FOUND"],
  ["invalid character 'n' looking for beginning of object key string", "SOURCE_MALFORMED"],
  ["unknown blob", "SOURCE_MALFORMED"],
  ["filesystem layer verification failed for digest sha256:13ec", "SOURCE_MISMATCH"],
  ["no matching manifest for linux/arm64 in the manifest list entries", "SOURCE_MISMATCH"],
  ["invalid reference format: repository name must be lowercase", "CONFIG_INVALID"],
  ["invalid tag format", "CONFIG_INVALID"],
  ["write /var/lib/docker/tmp/x: no space left on device", "STORAGE_UNUSABLE"],
  ["something nobody has seen", "SOURCE_UNREACHABLE"],
])("%s is %s", (text, expected) => {
  expect(code(text)).toBe(expected);
});

test.each([
  ["toomanyrequests: slow down", true],
  ["unexpected status code [manifests latest]: 429 Too Many Requests", true],
  ['error parsing HTTP 429 response body: no error details found in HTTP response body: "{}"', true],
  ['error parsing HTTP 418 response body: no error details found in HTTP response body: "{}"', false],
  ["received unexpected HTTP status: 503 Service Unavailable", true],
  ["unexpected status code [manifests latest]: 503 Service Unavailable", true],
  ['Head "http://127.0.0.1:5978/v2/rst/x/manifests/latest": EOF', true],
  ["unexpected EOF", true],
  ['Get "http://r/v2/": read tcp 127.0.0.1:1->127.0.0.1:2: read: connection reset by peer', true],
  ["read tcp 127.0.0.1:1->127.0.0.1:2: read: connection reset by peer", true],
  ['Get "https://r/v2/": net/http: TLS handshake timeout', true],
  ['Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused', false],
  ['Get "https://no.invalid/v2/": dial tcp: lookup no.invalid on 10.0.0.1:53: no such host', false],
  ['Get "https://r/v2/": http: server gave HTTP response to HTTPS client', false],
  ['Get "https://r/v2/": x509: certificate signed by unknown authority', false],
  ["received unexpected HTTP status: 301 Moved Permanently", false],
  ["unauthorized: authentication required", false],
  ["manifest unknown", false],
  ["filesystem layer verification failed for digest sha256:13ec", false],
  ["write /var/lib/docker/tmp/x: no space left on device", false],
  ["something nobody has seen", false],
])("%s may pass by itself: %s", (text, isTransient) => {
  const failure = pullFailure({ text, status: 500 }, { reference: "r/x:y", address: "unix:///e" }, undefined);
  expect(failure.transient !== null).toBe(isTransient);
});

test("the status decides where the text is unknown", () => {
  expect(code("x", 404)).toBe("SOURCE_NOT_FOUND");
  expect(code("x", 400)).toBe("CONFIG_INVALID");
});

test("the message is one line with the reference", () => {
  const { message } = pullFailure(
    { text: "denied\n\u001b[31m" },
    { reference: "r/x:y", address: "a" },
    undefined,
  );
  expect(message).toBe("r/x:y is refused by the registry: denied / \\u001b[31m");
});
