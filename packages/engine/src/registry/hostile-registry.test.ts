import { describe, expect, test } from "@jest/globals";
import { parsePlatform, type RegistryClient } from "@molecule/core";
import { respond, type SeenRequest } from "@molecule/testkit/internal";
import { digestOf } from "./content-digest.js";
import { createRegistryClient, type RegistryClientOptions } from "./create-registry-client.js";
import { serveRegistry, type Answer } from "./serve-registry.test.support.js";

const amd64 = parsePlatform("linux/amd64");
const secret = "a secret password";
const oci = {
  index: "application/vnd.oci.image.index.v1+json",
  image: "application/vnd.oci.image.manifest.v1+json",
};
const configuration = JSON.stringify({ os: "linux", architecture: "amd64", config: { Labels: { a: "1" } } });
const image = JSON.stringify({
  schemaVersion: 2,
  config: { digest: digestOf(configuration) },
  layers: [],
});

const body =
  (text: string, headers: Readonly<Record<string, string>> = {}): Answer =>
  (_request, response) => {
    respond(response, 200, headers, text);
  };
const redirect =
  (location: (url: string) => string): Answer =>
  ({ url = "" }, response) => {
    respond(response, 307, { location: location(url) }, "");
  };
/** Serves manifests and the configuration. Each can be replaced. */
const registryWith =
  (parts: { readonly manifest?: Answer; readonly blob?: Answer }): Answer =>
  (request, response) =>
    request.url?.includes("/blobs/") === true
      ? (parts.blob ?? body(configuration))(request, response)
      : (parts.manifest ?? body(image, { "content-type": oci.image }))(request, response);

const clientWith = (options: Partial<RegistryClientOptions> = {}): RegistryClient =>
  createRegistryClient({
    fetch,
    credentials: { find: () => Promise.resolve({ from: "a test", username: "me", password: secret }) },
    ...options,
  });
const client = clientWith();
const read = (host: string, suffix = ":1"): Promise<unknown> =>
  client.readImage(`${host}/a/b${suffix}`, amd64);
/** Only servers that never finish are given little time. */
const readWithin = (code: string, host: string): Promise<unknown> =>
  clientWith(code === "SOURCE_UNREACHABLE" ? { deadlineMs: 300 } : {}).readImage(`${host}/a/b:1`, amd64);
const isSent = ({ headers, path }: SeenRequest): boolean =>
  headers.authorization !== undefined || path.includes(secret);

test("an honest registry is read, so that the tests below fail for their own reason", async () => {
  const { host } = await serveRegistry(registryWith({}));
  expect(await read(host)).toMatchObject({ digest: digestOf(image), labels: { a: "1" } });
});

describe("content that is too large, too slow or changed", () => {
  const endless: Answer = (_request, response) => {
    const timer = setInterval(() => response.write("x".repeat(1 << 20)), 1);
    response.on("close", () => {
      clearInterval(timer);
    });
  };
  const trickle: Answer = (_request, response) => {
    const timer = setInterval(() => response.write(" "), 20);
    response.on("close", () => {
      clearInterval(timer);
    });
  };
  test.each<readonly [string, string, Answer]>([
    ["endless", "SOURCE_MALFORMED", endless],
    ["slow", "SOURCE_UNREACHABLE", trickle],
    ["not JSON", "SOURCE_MALFORMED", body("<html>log in</html>", { "content-type": "text/html" })],
    ["deeply nested", "SOURCE_MALFORMED", body("[".repeat(1 << 20))],
  ])("a manifest that is %s is %s", async (_what, code, manifest) => {
    const { host } = await serveRegistry(registryWith({ manifest }));
    await expect(readWithin(code, host)).rejects.toMatchObject({ code });
  });

  test.each<readonly [string, string, Answer]>([
    ["endless", "SOURCE_MALFORMED", endless],
    ["slow", "SOURCE_UNREACHABLE", trickle],
    ["another one", "SOURCE_MISMATCH", body(configuration.replace('"1"', '"2"'))],
  ])("a configuration that is %s is %s", async (_what, code, blob) => {
    const { host } = await serveRegistry(registryWith({ blob }));
    await expect(readWithin(code, host)).rejects.toMatchObject({ code });
  });

  test.each(["sha256", "sha384", "sha512"])(
    "a manifest with another %s digest is refused",
    async (algorithm) => {
      const { host } = await serveRegistry(registryWith({}));
      const right = digestOf(image, `${algorithm}:`);
      expect(await read(host, `@${right}`)).toMatchObject({ digest: right });
      const wrong = digestOf("something else", `${algorithm}:`);
      await expect(read(host, `@${wrong}`)).rejects.toMatchObject({ code: "SOURCE_MISMATCH" });
      await expect(client.resolveDigest(`${host}/a/b@${wrong}`)).rejects.toMatchObject({
        code: "SOURCE_MISMATCH",
      });
    },
  );

  test("a manifest that an index lists under another digest is refused", async () => {
    const listed = [{ digest: digestOf("{}"), platform: { os: "linux", architecture: "amd64" } }];
    const { host } = await serveRegistry(
      registryWith({
        manifest: (request, response) =>
          body(request.url?.endsWith("/1") === true ? JSON.stringify({ manifests: listed }) : image)(
            request,
            response,
          ),
      }),
    );
    await expect(read(host)).rejects.toMatchObject({ code: "SOURCE_MISMATCH" });
  });

  test("an index that lists an image under another platform is refused", async () => {
    const listed = [{ digest: digestOf(image), platform: { os: "linux", architecture: "arm64" } }];
    const index = JSON.stringify({ manifests: listed });
    const { host } = await serveRegistry(
      registryWith({
        manifest: (request, response) =>
          body(request.url?.endsWith("/1") === true ? index : image)(request, response),
      }),
    );
    const reading = client.readImage(`${host}/a/b:1`, parsePlatform("linux/arm64"));
    await expect(reading).rejects.toMatchObject({ code: "SOURCE_MISMATCH" });
  });

  test("a HEAD response with an invalid digest is not believed", async () => {
    for (const digest of ["", "sha256:0", "sha1:0", `${digestOf(image)}0`, "../../x"]) {
      const { host } = await serveRegistry(body(image, { "docker-content-digest": digest }));
      expect(await client.resolveDigest(`${host}/a/b:1`)).toBe(digestOf(image));
    }
  });
});

describe("a manifest whose kind is ambiguous is SOURCE_MALFORMED", () => {
  const manifests: unknown[] = [];
  const config = { digest: digestOf(configuration) };
  test.each<readonly [string, object, string]>([
    ["an index that is also an image", { manifests, config, layers: [] }, ""],
    ["an index with layers", { manifests, layers: [] }, ""],
    ["neither", { schemaVersion: 2 }, ""],
    ["schema 1", { schemaVersion: 1, fsLayers: [], history: [] }, ""],
    ["an image with the content type of an index", { config, layers: [] }, oci.index],
    ["an index with the content type of an image", { manifests }, `${oci.image}; charset=utf-8`],
    ["an image with the media type of an index", { config, layers: [], mediaType: oci.index }, oci.image],
    ["a digest with a path", { config: { digest: "sha256:../../../x" }, layers: [] }, ""],
    ["no digest", { config: {}, layers: [] }, ""],
  ])("%s", async (_what, manifest, type) => {
    const { host, requests } = await serveRegistry(body(JSON.stringify(manifest), { "content-type": type }));
    await expect(read(host)).rejects.toMatchObject({ code: "SOURCE_MALFORMED" });
    expect(requests).toHaveLength(1);
  });
});

describe("redirects", () => {
  test("endless ones are SOURCE_MALFORMED", async () => {
    const { host, requests } = await serveRegistry(redirect((url) => `${url}x`));
    await expect(read(host)).rejects.toMatchObject({ code: "SOURCE_MALFORMED" });
    expect(requests.length).toBeLessThan(10);
  });

  test("a manifest is not read from another origin", async () => {
    const other = await serveRegistry(body(image));
    const { host } = await serveRegistry(redirect(() => `http://${other.host}/`));
    await expect(read(host)).rejects.toMatchObject({ code: "SOURCE_MALFORMED" });
    expect(other.requests).toEqual([]);
  });

  /** A registry that requires a password, and stores its blobs elsewhere. */
  const storingAt = (location: string): Answer =>
    registryWith({
      manifest: (request, response) => {
        if (request.headers.authorization === undefined)
          respond(response, 401, { "www-authenticate": "Basic" }, "");
        else body(image)(request, response);
      },
      blob: redirect(() => location),
    });

  test("a configuration is read from another origin, which gets no credentials", async () => {
    const store = await serveRegistry(body(configuration));
    const { host, requests } = await serveRegistry(storingAt(`http://${store.host}/blob?signature=x`));
    expect(await read(host)).toMatchObject({ labels: { a: "1" } });
    expect(requests.some(isSent)).toBe(true);
    expect(store.requests).toHaveLength(1);
    expect(store.requests.some(isSent)).toBe(false);
  });

  test("another origin that requests credentials gets none", async () => {
    const tokens = await serveRegistry(body(JSON.stringify({ token: "t" })));
    const challenges = ["Basic", `Bearer realm="http://${tokens.host}/token"`];
    for (const challenge of challenges) {
      const store = await serveRegistry((_request, response) => {
        respond(response, 401, { "www-authenticate": challenge }, "");
      });
      const { host } = await serveRegistry(storingAt(`http://${store.host}/`));
      await expect(read(host)).rejects.toMatchObject({ code: "SOURCE_DENIED" });
      expect([...store.requests, ...tokens.requests].some(isSent)).toBe(false);
    }
    expect(tokens.requests).toEqual([]);
  });

  test.each(["http://169.254.169.254/latest/meta-data", "http://blobs.example/x", "file:///etc/passwd"])(
    "a configuration is not read from %s",
    async (location) => {
      const asked: string[] = [];
      const { host } = await serveRegistry(storingAt(location));
      const recording = clientWith({
        fetch: (url, init) => {
          asked.push(new URL(url).host);
          return fetch(url, init);
        },
      });
      await expect(recording.readImage(`${host}/a/b:1`, amd64)).rejects.toMatchObject({
        code: "SOURCE_MALFORMED",
      });
      expect(new Set(asked)).toEqual(new Set([host]));
    },
  );
});

describe("a token server", () => {
  const guarded =
    (realm: string): Answer =>
    (_request, response) => {
      respond(response, 401, { "www-authenticate": `Bearer realm="${realm}",service="s"` }, "");
    };

  test.each<readonly [string, string, Answer]>([
    ["returns no JSON", "SOURCE_MALFORMED", body("<html>")],
    ["returns an endless body", "SOURCE_MALFORMED", (_request, response) => response.end("x".repeat(70_000))],
    ["returns no token", "SOURCE_DENIED", body("{}")],
    ["returns a token that is no header", "SOURCE_DENIED", body(JSON.stringify({ token: "a\r\nb: c" }))],
    ["redirects to another origin", "SOURCE_MALFORMED", redirect(() => "http://127.0.0.1:1/")],
    ["never responds", "SOURCE_UNREACHABLE", () => undefined],
    ["returns a token that the registry refuses", "SOURCE_DENIED", body(JSON.stringify({ token: "t" }))],
  ])("that %s is %s", async (_what, code, answer) => {
    const tokens = await serveRegistry(answer);
    const { host } = await serveRegistry(guarded(`http://${tokens.host}/token`));
    await expect(readWithin(code, host)).rejects.toMatchObject({
      code,
      message: expect.not.stringContaining(secret),
    });
  });

  test.each(["file:///etc/passwd", "gopher://127.0.0.1/", "http://user:pass@127.0.0.1/", "not a URL", ""])(
    "at %s is not used",
    async (realm) => {
      const { host, requests } = await serveRegistry(guarded(realm));
      await expect(read(host)).rejects.toMatchObject({ code: "SOURCE_DENIED" });
      expect(requests.some(isSent)).toBe(false);
    },
  );
});
