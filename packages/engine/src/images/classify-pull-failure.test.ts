import { expect, test } from "@jest/globals";
import { pullFailure, saysNoSuchPlatform } from "./classify-pull-failure.js";

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
  ["an unknown text", "SOURCE_UNREACHABLE"],
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
  ['Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused', true],
  ['Get "http://10.0.0.9/v2/": dial tcp 10.0.0.9:80: connect: no route to host', false],
  ['Get "https://no.invalid/v2/": dial tcp: lookup no.invalid on 10.0.0.1:53: no such host', false],
  ['Get "https://r/v2/": http: server gave HTTP response to HTTPS client', false],
  ['Get "https://r/v2/": x509: certificate signed by unknown authority', false],
  ["received unexpected HTTP status: 301 Moved Permanently", false],
  ["unauthorized: authentication required", false],
  ["manifest unknown", false],
  ["filesystem layer verification failed for digest sha256:13ec", false],
  ["write /var/lib/docker/tmp/x: no space left on device", false],
  ["an unknown text", false],
])("%s is transient: %s", (text, isTransient) => {
  const failure = pullFailure({ text, status: 500 }, { reference: "r/x:y", address: "unix:///e" }, undefined);
  expect(failure.transient !== null).toBe(isTransient);
});

test("uses the status if the text is unknown", () => {
  expect(code("x", 404)).toBe("SOURCE_NOT_FOUND");
  expect(code("x", 400)).toBe("CONFIG_INVALID");
});

test("the message is one line with the reference", () => {
  const { message } = pullFailure(
    { text: "denied\n\u001b[31m" },
    { reference: "r/x:y", address: "a" },
    undefined,
  );
  expect(message).toBe("r/x:y is forbidden to this user by the registry: denied / \\u001b[31m");
});

const page = (title: string): string =>
  `<html>\\r\\n<head><title>${title}</title></head>\\r\\n<body bgcolor=\\"white\\">\\r\\n<center><h1>${title}</h1></center>`;
const unparsed = (status: number, title: string): string =>
  `error parsing HTTP ${String(status)} response body: invalid character '<' looking for beginning of value: "${page(title)}"`;
const inPodman = (text: string): string =>
  `initializing source docker://127.0.0.1:1/x:y: reading manifest y in 127.0.0.1:1/x: ${text}`;

// Measured: dockerd 20.10.24 and Podman 4.3.1 with a registry that responds like this.
test.each([
  // Docker
  ['Head "http://127.0.0.1:1/v2/x/manifests/y": no basic auth credentials', "needs credentials"],
  [
    'Head "http://127.0.0.1:1/v2/x/manifests/y": unauthorized: incorrect username or password',
    "needs credentials",
  ],
  ['Head "http://127.0.0.1:1/v2/x/manifests/y": denied: no', "is forbidden"],
  ['error parsing HTTP 403 response body: unexpected end of JSON input: ""', "is forbidden"],
  [unparsed(403, "403 Forbidden"), "is forbidden"],
  [unparsed(404, "404 Not Found"), "does not exist in the registry"],
  [unparsed(429, "429 Too Many Requests"), "is rate-limited"],
  ["toomanyrequests: You have reached your pull rate limit.", "is rate-limited"],
  [
    "pull access denied for r/x, repository does not exist or may require 'docker login': denied: Your authorization token has expired. Reauthenticate and try again.",
    "does not exist, or access is denied",
  ],
  [
    'Head "http://127.0.0.1:1/v2/x/manifests/y": received unexpected HTTP status: 502 Bad Gateway',
    "cannot be fetched",
  ],
  [
    "error unmarshalling content: invalid character '<' looking for beginning of value",
    "has a manifest that cannot be read",
  ],
  // Podman
  [inPodman("unauthorized"), "needs credentials"],
  [inPodman("unauthorized: authentication required"), "needs credentials"],
  [
    "trying to reuse blob sha256:541c at destination: checking whether a blob sha256:541c exists in 127.0.0.1:1/x: unauthorized: authentication required",
    "needs credentials",
  ],
  [inPodman("denied"), "is forbidden"],
  [inPodman("StatusCode: 403, "), "is forbidden"],
  [inPodman("errors:\ndenied: requested access to the resource is denied\nunauthorized\n"), "is forbidden"],
  [inPodman("manifest unknown"), "does not exist in the registry"],
  [
    inPodman("StatusCode: 404, <html>\r\n<head><title>404 Not Found</title></head>\r..."),
    "does not exist in the registry",
  ],
  [inPodman("StatusCode: 429, <html>\r\n<head><title>429 Too Many Requests</title>..."), "is rate-limited"],
  [inPodman("received unexpected HTTP status: 503 Service Unavailable"), "cannot be fetched"],
  [
    "initializing source docker://127.0.0.1:1/x:y: unable to retrieve auth token: invalid username/password: unauthorized: incorrect username or password",
    "needs credentials",
  ],
  [
    "initializing source docker://127.0.0.1:1/x:y: Requesting bearer token: invalid status code from registry 403 (Forbidden)",
    "is forbidden",
  ],
  [
    "initializing source docker://127.0.0.1:1/x:y: Requesting bearer token: invalid status code from registry 502 (Bad Gateway)",
    "cannot be fetched",
  ],
  [
    "initializing image from source docker://127.0.0.1:1/x:y: invalid character '<' looking for beginning of value",
    "has a manifest that cannot be read",
  ],
  [
    'choosing an image from manifest list docker://127.0.0.1:1/x:y: no image found in manifest list for architecture amd64, variant "", OS linux',
    "is not published for this platform",
  ],
])("%s: r/x:y %s", (text, what) => {
  const { message } = pullFailure({ text }, { reference: "r/x:y", address: "a" }, undefined);
  expect(message).toContain(`r/x:y ${what}`);
  expect(message).not.toMatch(/<[a-z!]|[\n\r]/i);
});

test.each([
  [
    "initializing source docker://r/x:y: Requesting bearer token: invalid status code from registry 502 (Bad Gateway)",
    true,
  ],
  [inPodman("received unexpected HTTP status: 503 Service Unavailable"), true],
  [inPodman("StatusCode: 429, <html>"), true],
  [inPodman("StatusCode: 403, "), false],
  [unparsed(429, "429 Too Many Requests"), true],
  [unparsed(403, "403 Forbidden"), false],
])("%s is transient: %s", (text, isTransient) => {
  const failure = pullFailure({ text }, { reference: "r/x:y", address: "a" }, undefined);
  expect(failure.transient !== null).toBe(isTransient);
});

test("reduces an HTML page to its title", () => {
  const sent = (text: string): string =>
    pullFailure({ text }, { reference: "r/x:y", address: "a" }, undefined).message;
  expect(sent(unparsed(403, "403 Forbidden"))).toBe(
    'r/x:y is forbidden to this user by the registry: error parsing HTTP 403 response body: a page of HTML, "403 Forbidden"',
  );
  expect(sent("<!DOCTYPE html>\n<html><body>no title")).toBe("r/x:y cannot be pulled: a page of HTML");
});

test("recognizes only texts about the platform", () => {
  expect(saysNoSuchPlatform("no matching manifest for linux/arm64 in the manifest list entries")).toBe(true);
  expect(saysNoSuchPlatform("filesystem layer verification failed for digest sha256:13ec")).toBe(false);
});
