import { afterEach, expect, test } from "@jest/globals";
import { parsePlatform, silentReport, type ContainerEngine } from "@molecule/core";
import { startFakeEngine, type FakeEngine } from "@molecule/testkit";
import { findEngineEndpoint } from "../connection/find-engine-endpoint.js";
import { createDockerEngine } from "../docker-engine.js";

// As Docker 26.1.5 writes it.
const disturbed =
  "image with reference r.example/a:1 was found but does not match the specified platform: wanted linux/arm64, actual: linux/amd64";
const digest = `sha256:${"a".repeat(64)}`;
const arm64 = parsePlatform("linux/arm64");

let fake: FakeEngine | undefined;
let engine: ContainerEngine | undefined;
afterEach(async () => {
  await engine?.close();
  await fake?.stop();
});

/** Pulls from an engine whose first pulls are disturbed by pulls of another platform. */
async function pullDisturbed(times: number): Promise<unknown> {
  let pulls = 0;
  const { address } = (fake = await startFakeEngine((request, response) => {
    const { pathname } = new URL(request.url ?? "", "http://engine");
    if (pathname.endsWith("/images/create")) {
      pulls += 1;
      const message =
        pulls <= times ? { errorDetail: { message: disturbed } } : { status: `Digest: ${digest}` };
      response.writeHead(200).end(`${JSON.stringify(message)}\n`);
      return;
    }
    const image = { Id: digest, Os: "linux", Architecture: "arm64", RepoDigests: [`r.example/a@${digest}`] };
    const found = pathname.endsWith("/json");
    response.writeHead(found ? 200 : 404).end(JSON.stringify(found ? image : { message: "no" }));
  }));
  engine = createDockerEngine(() =>
    findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }),
  );
  return engine.pullImage({ reference: "r.example/a:1", platform: arm64, report: silentReport });
}

const pullsOf = (): number =>
  fake?.requests.filter(({ path }) => path.includes("/images/create")).length ?? 0;

test("retries a pull that collides with a pull for another platform", async () => {
  expect(await pullDisturbed(1)).toMatchObject({ digest });
  expect(pullsOf()).toBe(2);
});

test("reports an image without the platform as SOURCE_MISMATCH after three pulls", async () => {
  await expect(pullDisturbed(Infinity)).rejects.toMatchObject({ code: "SOURCE_MISMATCH" });
  expect(pullsOf()).toBe(3);
});
