import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { defaultPlatform, type ContainerEngine } from "@molecule/core";
import { startFakeEngine, type FakeEngine } from "@molecule/testkit";
import { keepReport } from "../builds/build-context.test.support.js";
import { buildRequest, engineAt, failureOf } from "./faulty-engine.test.support.js";

const page =
  "<html><body><h1>403 Forbidden</h1>\nRequest forbidden by administrative rules.\n</body></html>\n";

let refused: { path: RegExp; status: number; body: string };
let fake: FakeEngine;
let engine: ContainerEngine;

beforeEach(async () => {
  fake = await startFakeEngine((request, response) => {
    request.resume();
    const { pathname } = new URL(request.url ?? "/", "http://engine");
    response.setHeader("builder-version", "2");
    if (refused.path.test(pathname)) response.writeHead(refused.status).end(refused.body);
    else response.end("{}");
  });
  engine = engineAt(fake.address);
});
afterEach(async () => {
  await engine.close();
  await fake.stop();
});

const pull = (): Promise<unknown> =>
  engine.pullImage({ reference: "r.example/a/b:c", platform: defaultPlatform, report: keepReport() });
const push = (): Promise<unknown> => engine.pushImage({ reference: "r.example/a/b:c", report: keepReport() });
const build = (): Promise<unknown> => engine.buildImage(buildRequest());
const classicBuild = async (): Promise<unknown> => {
  const classic = engineAt(fake.address, { builder: "classic" });
  return classic.buildImage(buildRequest()).finally(() => classic.close());
};
const create = (): Promise<unknown> =>
  engine.createContainer({
    name: undefined,
    imageId: `sha256:${"a".repeat(64)}`,
    platform: defaultPlatform,
    env: {},
    args: undefined,
    labels: {},
    autoRemove: false,
  });

describe("a refusing proxy in front of the engine", () => {
  test.each([
    ["POST /session", /^\/session$/, build],
    ["POST /build", /^\/build$/, classicBuild],
    ["POST /images/create", /^\/images\/create$/, pull],
    ["POST /images/r.example/a/b/push", /push$/, push],
    ["POST /containers/create", /^\/containers\/create$/, create],
    ["GET /images/json", /^\/images\/json$/, () => engine.listImages({})],
  ] as const)("%s is the engine's error, with its status", async (request, path, call) => {
    for (const status of [401, 403, 405]) {
      refused = { path, status, body: page };
      const { error } = await failureOf(call());
      expect(error).toMatchObject({
        code: "ENGINE_UNAVAILABLE",
        message: expect.stringContaining(`refuses ${request} with ${String(status)}`),
        transient: null,
      });
    }
  });

  test("a refusal by an engine's plugin is not mistaken for a registry's", async () => {
    const body = JSON.stringify({ message: "authorization denied by plugin guard: no pulls" });
    refused = { path: /^\/images\/create$/, status: 403, body };
    expect((await failureOf(pull())).error).toMatchObject({
      code: "ENGINE_UNAVAILABLE",
      message: expect.stringContaining("authorization denied by plugin guard"),
    });
  });

  // Measured on Docker 28.5.2 and Podman 5.
  test.each([
    [403, "denied"],
    [401, "unauthorized: authentication required"],
  ])("attributes %i from a registry to the registry", async (status, message) => {
    refused = { path: /^\/images\/create$/, status, body: JSON.stringify({ message }) };
    expect((await failureOf(pull())).error).toMatchObject({ code: "SOURCE_DENIED" });
  });
});
