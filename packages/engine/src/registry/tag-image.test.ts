import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { parsePlatform, type RegistryClient } from "@molecule/core";
import { putImage, putIndex, startRegistry, type Registry, type StoredIndex } from "@molecule/test-fixtures";
import { respond } from "@molecule/testkit/internal";
import { digestOf } from "./content-digest.js";
import { createRegistryClient } from "./create-registry-client.js";
import { serveRegistry, type Answer } from "./serve-registry.test.support.js";

const amd64 = parsePlatform("linux/amd64");
const user = "somebody";
const password = "a password";

function clientFor(secret = password): RegistryClient {
  const credential = { from: "a test", username: user, password: secret };
  return createRegistryClient({ fetch, credentials: { find: () => Promise.resolve(credential) } });
}

describe("in a registry", () => {
  let registry: Registry;
  let index: StoredIndex;
  const client = clientFor();
  const place = () => ({ host: registry.host, repository: "team/x", credentials: { user, password } });
  beforeAll(async () => {
    registry = await startRegistry({ htpasswd: { user, password } });
    index = await putIndex({ ...place(), images: [{ files: { a: "1" } }] });
  });
  afterAll(() => registry.stop());

  test("an index gets a tag with the same content", async () => {
    const named = `${registry.host}/team/x@${index.digest}`;
    await client.tagImage(named, "new");
    expect(await client.readImage(`${registry.host}/team/x:new`, amd64)).toEqual(
      await client.readImage(named, amd64),
    );
  });

  test("a tag moves from another image", async () => {
    const moving = await putImage({ ...place(), tag: "moving", files: { a: "2" } });
    await client.tagImage(`${registry.host}/team/x@${index.digest}`, "moving");
    expect(await client.resolveDigest(moving)).toBe(index.digest);
  });

  test("a missing image is SOURCE_NOT_FOUND, a wrong password SOURCE_DENIED", async () => {
    const missing = `${registry.host}/team/x@${digestOf("another")}`;
    await expect(client.tagImage(missing, "t")).rejects.toMatchObject({ code: "SOURCE_NOT_FOUND" });
    const wrong = clientFor("another password").tagImage(`${registry.host}/team/x@${index.digest}`, "t");
    await expect(wrong).rejects.toMatchObject({
      code: "SOURCE_DENIED",
      message: expect.not.stringContaining("another password"),
    });
  });
});

describe("in a registry that misbehaves", () => {
  const manifest = JSON.stringify({ config: { digest: digestOf("{}") }, layers: [] });
  const type = "application/vnd.oci.image.manifest.v1+json";
  /** Serves the manifest, and handles tags as given. */
  const tagging =
    (put: Answer, content = manifest): Answer =>
    (request, response) => {
      if (request.method === "PUT") put(request, response);
      else respond(response, 200, { "content-type": type }, content);
    };
  const tag = (host: string) => clientFor().tagImage(`${host}/a/b@${digestOf(manifest)}`, "t");

  test("a token for pulling is replaced by one for pushing", async () => {
    const { host, requests } = await serveRegistry((request, response) => {
      const url = new URL(request.url ?? "", "http://registry");
      if (url.pathname === "/token") {
        respond(response, 200, {}, JSON.stringify({ token: url.searchParams.get("scope") }));
        return;
      }
      const scope = request.method === "PUT" ? "repository:a/b:pull,push" : "repository:a/b:pull";
      if (request.headers.authorization === `Bearer ${scope}`) {
        respond(response, request.method === "PUT" ? 201 : 200, { "content-type": type }, manifest);
        return;
      }
      const realm = `Bearer realm="http://${request.headers.host ?? ""}/token",service="r",scope="${scope}"`;
      respond(response, 401, { "www-authenticate": realm }, "");
    });
    await tag(host);
    expect(requests.at(-1)).toMatchObject({
      method: "PUT",
      path: "/v2/a/b/manifests/t",
      headers: { "content-type": type, authorization: "Bearer repository:a/b:pull,push" },
    });
  });

  test("content that is not that of the digest gets no tag", async () => {
    const { host, requests } = await serveRegistry(tagging(() => undefined, `${manifest} `));
    await expect(tag(host)).rejects.toMatchObject({ code: "SOURCE_MISMATCH" });
    expect(requests.map(({ method }) => method)).toEqual(["GET"]);
  });

  test("nothing is sent to another origin", async () => {
    const other = await serveRegistry((_request, response) => respond(response, 201, {}, ""));
    const { host } = await serveRegistry(
      tagging((_request, response) => {
        respond(response, 307, { location: `http://${other.host}/v2/a/b/manifests/t` }, "");
      }),
    );
    await expect(tag(host)).rejects.toMatchObject({ code: "SOURCE_MALFORMED" });
    expect(other.requests).toEqual([]);
  });

  test.each([
    [403, "SOURCE_DENIED", "docker login"],
    [404, "SOURCE_NOT_FOUND", ""],
    // Other credentials would not help with any of these.
    [400, "SOURCE_DENIED", "Allow the tags of this repository to be overwritten"],
    [405, "SOURCE_DENIED", "Allow the tags of this repository to be overwritten"],
    [409, "SOURCE_DENIED", "Allow the tags of this repository to be overwritten"],
    [412, "SOURCE_DENIED", "Allow the tags of this repository to be overwritten"],
    [503, "SOURCE_UNREACHABLE", "Retry"],
  ])("a tag that is refused with %i is %s", async (status, code, hint) => {
    const { host } = await serveRegistry(tagging((_request, response) => respond(response, status, {}, "")));
    await expect(tag(host)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(
        `cannot tag ${host}/a/b@${digestOf(manifest)} as t: http://${host}/v2/a/b/manifests/t returned ${String(status)}`,
      ),
      hint: expect.stringContaining(hint),
    });
  });
});
