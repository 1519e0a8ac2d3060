import type { RequestListener } from "node:http";
import { afterEach, expect, test } from "@jest/globals";
import { defaultPlatform, parsePlatform, type ContainerEngine } from "@molecule/core";
import { startFakeEngine, type FakeEngine } from "@molecule/testkit";
import { createDockerEngine } from "../docker-engine.js";
import { findEngineEndpoint } from "../connection/find-engine-endpoint.js";

const index = `sha256:${"a".repeat(64)}`;
const manifest = `sha256:${"b".repeat(64)}`;
const arm64 = parsePlatform("linux/arm64");

let fake: FakeEngine | undefined;
let engine: ContainerEngine | undefined;
afterEach(async () => {
  await engine?.close();
  await fake?.stop();
});

/** Creates an engine whose inspection response depends on the requested platform. */
async function facing(answerTo: (platform: string | null) => object | undefined): Promise<ContainerEngine> {
  const handler: RequestListener = (request, response) => {
    const { searchParams } = new URL(request.url ?? "", "http://engine");
    const answer = answerTo(searchParams.get("platform"));
    response.writeHead(answer === undefined ? 404 : 200).end(JSON.stringify(answer ?? { message: "no" }));
  };
  const { address } = (fake = await startFakeEngine(handler));
  engine = createDockerEngine(() =>
    findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }),
  );
  return engine;
}

const amd64Image = { Id: index, Os: "linux", Architecture: "amd64", Config: { Labels: { of: "amd64" } } };
const arm64Image = { Id: manifest, Os: "linux", Architecture: "arm64", Config: { Labels: { of: "arm64" } } };

test("inspects an index for the platform, and keeps the ID that the engine knows", async () => {
  const query = await facing((platform) => (platform === null ? amd64Image : arm64Image));
  expect(await query.inspectImage("x", { platform: arm64 })).toMatchObject({
    id: index,
    architecture: "arm64",
    labels: { of: "arm64" },
  });
  const path = new URL(fake?.requests.at(-1)?.path ?? "", "http://engine");
  expect(path.pathname).toBe(`/images/${encodeURIComponent(index)}/json`);
  expect(JSON.parse(path.searchParams.get("platform") ?? "")).toEqual({ os: "linux", architecture: "arm64" });
});

test("inspects an image without a platform for the requested one", async () => {
  const query = await facing((platform) => (platform === null ? { Id: index } : arm64Image));
  expect(await query.inspectImage("x", { platform: arm64 })).toMatchObject({
    id: index,
    architecture: "arm64",
  });
});

test("sends one request if the image is for the platform", async () => {
  const query = await facing(() => amd64Image);
  expect(await query.inspectImage("x", { platform: defaultPlatform })).toMatchObject({ id: index });
  expect(fake?.requests).toHaveLength(1);
});

test.each([
  ["reports that", () => undefined],
  ["ignores the platform", () => amd64Image],
])("returns the image of another platform if an engine without the requested one %s", async (_, other) => {
  const query = await facing((platform) => (platform === null ? amd64Image : other()));
  expect(await query.inspectImage("x", { platform: arm64 })).toMatchObject({
    id: index,
    architecture: "amd64",
  });
});

test("an image without a name has no tag time, whatever the engine reports", async () => {
  const Metadata = { LastTagTime: "2026-11-29T01:36:43Z" };
  const digestOnly = `r.example/a@${index}`;
  const query = await facing(() => ({
    ...amd64Image,
    Metadata,
    RepoTags: [digestOnly],
    RepoDigests: [digestOnly],
  }));
  expect(await query.inspectImage("x")).toMatchObject({ taggedAt: null, tags: [], digests: [digestOnly] });
});

test("a list reports which platforms of an index are present", async () => {
  const part = (architecture: string, Available: boolean, Kind = "image"): object => ({
    Available,
    Kind,
    ImageData: { Platform: { os: "linux", architecture } },
  });
  const query = await facing(() => undefined);
  await query.close();
  const handler: RequestListener = (_, response) =>
    response.end(
      JSON.stringify([
        {
          Id: index,
          Manifests: [
            part("amd64", true),
            part("arm64", true),
            part("riscv64", false),
            part("unknown", true, "attestation"),
          ],
        },
        { Id: manifest },
      ]),
    );
  await fake?.stop();
  const { address } = (fake = await startFakeEngine(handler));
  engine = createDockerEngine(() =>
    findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }),
  );
  const listed = await engine.listImages({});
  expect(listed.map(({ platforms }) => platforms)).toEqual([["linux/amd64", "linux/arm64"], undefined]);
});
