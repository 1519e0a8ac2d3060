import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Fetch, FetchInit, RegistryCredential } from "@molecule/core";
import { putImage, putIndex, startRegistry, type Registry } from "@molecule/test-fixtures";
import { readManifest, type RegistryManifest } from "./read-manifest.js";
import { type RegistryAccess } from "./registry-access.js";

const signal = new AbortController().signal;
const from = "a test";
const credentials = { user: "somebody", password: "a password" };

describe("a registry that requires a password", () => {
  let registry: Registry;
  beforeAll(async () => {
    registry = await startRegistry({ htpasswd: credentials });
  });
  afterAll(() => registry.stop());
  const read = (reference: string, credential?: RegistryCredential): Promise<RegistryManifest> =>
    readManifest(reference, {
      fetch: globalThis.fetch,
      sent: { registry: registry.host, credential },
      schemes: ["http", "https"],
      signal,
    });
  const known = { from, username: credentials.user, password: credentials.password };

  test("lists the images of an index without its attestations, by tag and by digest", async () => {
    const images = [{ files: { a: "1" } }, { files: { a: "2" }, architecture: "arm", variant: "v7" }];
    const index = await putIndex({ host: registry.host, repository: "a/index", images, credentials });
    const expected = {
      digest: index.digest,
      config: "",
      images: [
        { digest: index.manifests[0]?.digest, platform: { os: "linux", architecture: "amd64", variant: "" } },
        { digest: index.manifests[1]?.digest, platform: { os: "linux", architecture: "arm", variant: "v7" } },
      ],
    };
    expect(await read(index.reference, known)).toEqual(expected);
    expect(await read(`${registry.host}/a/index@${index.digest}`, known)).toEqual(expected);
  });

  test("returns the configuration digest of an image", async () => {
    const reference = await putImage({ host: registry.host, repository: "a/image", files: {}, credentials });
    expect(await read(reference, known)).toMatchObject({
      images: [],
      config: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });
  });

  test("is denied without the password, and reports a missing image", async () => {
    await expect(read(`${registry.host}/a/image:latest`)).rejects.toMatchObject({ code: "SOURCE_DENIED" });
    await expect(read(`${registry.host}/a/none:latest`, known)).rejects.toMatchObject({
      code: "SOURCE_NOT_FOUND",
      hint: expect.stringContaining("push the image"),
    });
  });
});

describe("a registry that requires a token", () => {
  const body = JSON.stringify({ schemaVersion: 2, manifests: [] });
  const challenge = (realm: string): string =>
    `Bearer realm="${realm}",service="r",scope="repository:a/b:pull"`;

  /** Fakes a registry that accepts one token, and the server that issues it. */
  function fakeRegistry(realm: string): { fetch: Fetch; requests: (FetchInit & { url: string })[] } {
    const requests: (FetchInit & { url: string })[] = [];
    const response = (status: number, text: string, headers: Record<string, string> = {}): Response =>
      new Response(text, { status, headers });
    return {
      requests,
      fetch: async (url, init) => {
        requests.push({ url, ...init });
        if (url.startsWith(realm)) return response(200, JSON.stringify({ token: "the-token" }));
        return init.headers?.["authorization"] === "Bearer the-token"
          ? response(200, body)
          : response(401, "", { "www-authenticate": challenge(realm) });
      },
    };
  }
  const access = (fetch: Fetch, credential: RegistryCredential): RegistryAccess => ({
    fetch,
    sent: { registry: "r.example", credential },
    schemes: ["https"],
    signal,
  });

  test("gets the token issued for a password", async () => {
    const { fetch, requests } = fakeRegistry("https://tokens.example/token");
    await readManifest("r.example/a/b:c", access(fetch, { from, username: "me", password: "secret" }));
    const [first, second] = requests;
    expect(first).toMatchObject({ url: "https://r.example/v2/a/b/manifests/c" });
    expect(first?.headers).not.toHaveProperty("authorization");
    expect(second).toMatchObject({
      url: "https://tokens.example/token?service=r&scope=repository%3Aa%2Fb%3Apull",
      headers: { authorization: `Basic ${Buffer.from("me:secret").toString("base64")}` },
    });
    expect(requests).toHaveLength(3);
  });

  test("gets the token issued for an identity token, which appears in no URL", async () => {
    const { fetch, requests } = fakeRegistry("https://tokens.example/token");
    await readManifest("r.example/a/b:c", access(fetch, { from, identityToken: "identity" }));
    expect(requests[1]).toMatchObject({ method: "POST", url: "https://tokens.example/token" });
    expect(new URLSearchParams(requests[1]?.body).get("refresh_token")).toBe("identity");
  });

  test("is not asked over plain http on behalf of a registry over https", async () => {
    const { fetch, requests } = fakeRegistry("http://tokens.example/token");
    const reading = readManifest(
      "r.example/a/b:c",
      access(fetch, { from, username: "me", password: "secret" }),
    );
    await expect(reading).rejects.toMatchObject({ code: "SOURCE_DENIED" });
    expect(requests).toHaveLength(1);
  });
});

test("reports a manifest with another digest as a mismatch", async () => {
  const fetch: Fetch = async () => new Response("{}");
  const access = {
    fetch,
    sent: { registry: "r.example", credential: undefined },
    schemes: ["https"],
    signal,
  } as const;
  await expect(readManifest(`r.example/a/b@sha256:${"0".repeat(64)}`, access)).rejects.toMatchObject({
    code: "SOURCE_MISMATCH",
  });
});
