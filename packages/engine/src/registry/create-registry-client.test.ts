import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { parsePlatform, type RegistryClient, type RegistryCredential } from "@molecule/core";
import {
  putImage,
  putIndex,
  startRegistry,
  startTokenServer,
  watchRegistry,
  type Registry,
  type StoredIndex,
  type TokenServer,
  type WatchedRegistry,
} from "@molecule/test-fixtures";
import { createRegistryClient } from "./create-registry-client.js";

const amd64 = parsePlatform("linux/amd64");
const arm64 = parsePlatform("linux/arm64");
const from = "a test";
const user = "somebody";
const password = "a password";

function clientWith(credential: RegistryCredential | undefined): RegistryClient {
  return createRegistryClient({ fetch, credentials: { find: () => Promise.resolve(credential) } });
}

describe("a registry that requires a password", () => {
  let registry: Registry;
  let watched: WatchedRegistry;
  let index: StoredIndex;
  let single: string;
  const client = clientWith({ from, username: user, password });
  beforeAll(async () => {
    registry = await startRegistry({ htpasswd: { user, password } });
    watched = await watchRegistry(registry);
    const place = { host: watched.host, credentials: { user, password } };
    index = await putIndex({
      ...place,
      repository: "team/index",
      images: [
        { files: { a: "1" }, config: { Labels: { for: "amd64" } } },
        { files: { a: "2" }, architecture: "arm64", config: { Labels: { for: "arm64" } } },
      ],
    });
    single = await putImage({
      ...place,
      repository: "team/single",
      files: { a: "3" },
      config: { Labels: { "a.b/c": "1", other: "" } },
    });
  });
  afterAll(async () => {
    await watched.stop();
    await registry.stop();
  });

  test("a tag resolves to the digest of the index, with a HEAD request", async () => {
    const before = watched.requests.length;
    expect(await client.resolveDigest(index.reference)).toBe(index.digest);
    const pinned = `${watched.host}/team/index@${index.digest}`;
    expect(await client.resolveDigest(pinned)).toBe(index.digest);
    expect(new Set(watched.requests.slice(before).map(({ method }) => method))).toEqual(new Set(["HEAD"]));
  });

  test.each([
    [amd64, 0, "amd64"],
    [arm64, 1, "arm64"],
  ])("the image of an index for %s has its own manifest and labels", async (platform, nth, architecture) => {
    const { digest: manifest, configDigest: config } = index.manifests[nth] ?? {};
    expect(await client.readImage(index.reference, platform)).toEqual({
      digest: index.digest,
      manifest,
      config,
      labels: { for: architecture },
      os: "linux",
      architecture,
      variant: "",
    });
  });

  test("a single image is returned for its own platform only", async () => {
    const image = await client.readImage(single, amd64);
    expect(image).toMatchObject({ labels: { "a.b/c": "1", other: "" }, digest: image.manifest });
    await expect(client.readImage(single, arm64)).rejects.toMatchObject({
      code: "SOURCE_MISMATCH",
      message: `${single} has no image for linux/arm64; it is published for linux/amd64`,
    });
  });

  test("an index without the platform names the platforms that it has", async () => {
    await expect(client.readImage(index.reference, parsePlatform("linux/riscv64"))).rejects.toMatchObject({
      code: "SOURCE_MISMATCH",
      message: expect.stringContaining("linux/amd64, linux/arm64"),
    });
  });

  test("the credentials are negotiated once for all requests of an image", async () => {
    const before = watched.requests.length;
    await client.readImage(index.reference, amd64);
    const sent = watched.requests.slice(before).map(({ headers }) => headers.authorization !== undefined);
    expect(sent).toEqual([false, true, true, true]);
  });

  test("a missing image, and wrong or missing credentials", async () => {
    const missing = `${watched.host}/team/none:1`;
    for (const request of [client.resolveDigest(missing), client.readImage(missing, amd64)])
      await expect(request).rejects.toMatchObject({ code: "SOURCE_NOT_FOUND" });
    await expect(clientWith(undefined).resolveDigest(single)).rejects.toMatchObject({
      code: "SOURCE_DENIED",
      hint: expect.stringContaining(`docker login ${watched.host}`),
    });
    const wrong = clientWith({ from, username: user, password: "another password" });
    await expect(wrong.readImage(single, amd64)).rejects.toMatchObject({
      code: "SOURCE_DENIED",
      message: expect.not.stringContaining("another password"),
    });
  });
});

describe("a registry that requires a token", () => {
  let tokens: TokenServer;
  let registry: Registry;
  beforeAll(async () => {
    tokens = await startTokenServer();
    tokens.setPassword(user, password);
    tokens.setIdentityToken("an identity token");
    registry = await startRegistry({ tokens });
  });
  afterAll(async () => {
    await registry.stop();
    await tokens.stop();
  });

  test.each<readonly [string, RegistryCredential]>([
    ["a password", { from, username: user, password }],
    ["an identity token", { from, identityToken: "an identity token" }],
  ])("accepts %s", async (_kind, credential) => {
    const reading = clientWith(credential).readImage(`${registry.host}/team/none:1`, amd64);
    await expect(reading).rejects.toMatchObject({ code: "SOURCE_NOT_FOUND" });
  });

  test("denies wrong credentials", async () => {
    const wrong = clientWith({ from, identityToken: "another token" });
    await expect(wrong.readImage(`${registry.host}/team/none:1`, amd64)).rejects.toMatchObject({
      code: "SOURCE_DENIED",
      message: expect.not.stringContaining("another token"),
    });
  });
});

test("an aborted request is CANCELLED", async () => {
  const abort = new AbortController();
  const client = createRegistryClient({
    fetch: () => {
      abort.abort();
      return Promise.reject(new Error("aborted"));
    },
    credentials: { find: () => Promise.resolve(undefined) },
  });
  await expect(client.resolveDigest("r.example/a:1", { signal: abort.signal })).rejects.toMatchObject({
    code: "CANCELLED",
  });
});

test.each([
  ["r.example/a:1", undefined, ["https:"]],
  ["r.example/a:1", true, ["https:", "http:"]],
  ["127.0.0.1:5000/a:1", undefined, ["http:", "https:"]],
])("%s with allowsHttp %s is requested over %s", async (reference, allowsHttp, expected) => {
  const schemes: string[] = [];
  const client = createRegistryClient({
    fetch: (url) => {
      schemes.push(new URL(url).protocol);
      return Promise.reject(new Error("no route"));
    },
    credentials: { find: () => Promise.resolve(undefined) },
  });
  await expect(client.resolveDigest(reference, { allowsHttp })).rejects.toMatchObject({
    code: "SOURCE_UNREACHABLE",
  });
  expect(schemes).toEqual(expected);
});
