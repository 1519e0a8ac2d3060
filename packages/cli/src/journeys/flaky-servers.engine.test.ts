import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { silentReport } from "@molecule/core";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import {
  describeWithEngine,
  mountSmallDisk,
  startFaultProxy,
  startRegistry,
  type ConnectionFault,
  type ConnectionFaultMatch,
  type FaultProxy,
  type Registry,
} from "@molecule/test-fixtures";
import { helloTemplate } from "@molecule/testkit";
import { openWorld, type World } from "./command-world.test.support.js";

const later = (status: number): ConnectionFault => ({
  response: { status, headers: { "retry-after": "1" }, body: "{}" },
});

describeWithEngine({ describe, test }, "a flaky forge", ({ address }) => {
  let world: World;
  let proxy: FaultProxy;
  beforeEach(async () => {
    world = await openWorld(address);
    proxy = await startFaultProxy({ target: world.forge.repoPrefix() });
    await world.forge.addTemplate("hermes", helloTemplate({ message: "flaky forge" }));
  });
  afterEach(async () => {
    await proxy.stop();
    await world.close();
  });
  const ensure = (): ReturnType<World["json"]> =>
    world.json(["ensure", "hermes"], { MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX: proxy.address });

  const api: ConnectionFaultMatch = { path: /\/api\/v1\// };
  const git: ConnectionFaultMatch = { path: /git-upload-pack/ };
  test.each<[string, ConnectionFault, ConnectionFaultMatch]>([
    ["429 with Retry-After, of the API", later(429), api],
    ["503 with Retry-After, of the API", later(503), api],
    ["a reset, of the API", { reset: true }, api],
    ["a cut answer, of the API", { cut: { after: 100 } }, api],
    ["503, of git", later(503), git],
    ["a reset, of git", { reset: true }, git],
    ["a cut pack, of git", { cut: { after: 1000 } }, { ...git, method: "POST" }],
  ])("two failures before a success still give the image: %s", async (_what, fault, match) => {
    proxy.fault(fault, { ...match, times: 2 });
    const { status, answer } = await ensure();
    expect([status, answer.results?.[0]?.error]).toEqual([0, undefined]);
    // The command has exited, so its connections are closed; the server notices a moment later.
    while (proxy.connections > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  });

  test.each<[string, ConnectionFault]>([
    ["401", { response: { status: 401 } }],
    ["404", { response: { status: 404 } }],
  ])("a permanent failure is not retried: %s", async (_what, fault) => {
    proxy.fault(fault, api);
    expect((await ensure()).status).toBe(3);
    // The branch, and after a 404 the repository.
    expect(proxy.requests.length).toBeLessThanOrEqual(2);
  });

  test("a persistent failure is reported with the number of attempts", async () => {
    proxy.fault({ reset: true });
    const { status, answer } = await ensure();
    expect([status, answer.results?.[0]?.error]).toMatchObject([3, { code: "SOURCE_UNREACHABLE" }]);
    const tries = String(proxy.requests.length);
    expect(answer.results?.[0]?.error?.["message"]).toContain(`(tried ${tries} times)`);
  });

  test("a forge that restarts is waited for", async () => {
    await proxy.refuse();
    const running = world.start(["ensure", "hermes", "--json", "--progress", "plain"], {
      MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX: proxy.address,
    });
    await running.untilPrinted("retrying in");
    await proxy.listen();
    expect((await running.done).status).toBe(0);
  });
});

describeWithEngine({ describe, test }, "a flaky registry", ({ address }) => {
  const engine = createDockerEngine(() =>
    findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }),
  );
  let world: World;
  let registry: Registry;
  let proxy: FaultProxy;
  let reference: string;
  beforeEach(async () => {
    world = await openWorld(address);
    registry = await startRegistry();
    proxy = await startFaultProxy({ target: registry.host });
    reference = `${proxy.address}/acme/workspace-template-hermes:latest`;
    await world.forge.addTemplate("hermes", helloTemplate({ message: reference }));
    const { answer } = await world.json(["ensure", "hermes"]);
    await engine.tagImage(String(answer.results?.[0]?.image?.["imageId"]), reference);
    await engine.pushImage({ reference, report: silentReport });
    await engine.removeImage(reference);
  });
  afterEach(async () => {
    await engine.removeImage(reference);
    await Promise.all([proxy.stop(), registry.stop(), world.close(), engine.close()]);
  });
  const ensure = (env: Readonly<Record<string, string | undefined>> = {}): ReturnType<World["json"]> =>
    world.json(["ensure", "hermes"], { MOLECULE_IMAGE_REGISTRY: `${proxy.address}/acme`, ...env });

  // An engine requests a manifest with HEAD, then GET, and may retry on its own.
  test.each<[string, ConnectionFault]>([
    ["429", later(429)],
    ["503", later(503)],
    ["a reset", { reset: true }],
  ])("a failure before a success still gives the image: %s", async (_what, fault) => {
    proxy.fault(fault, { path: /\/manifests\//, times: 3 });
    const { status, answer } = await ensure();
    expect([status, answer.results?.[0]?.image]).toMatchObject([0, { reference, cached: false }]);
  });

  test("a registry that restarts is waited for", async () => {
    await proxy.refuse();
    const running = world.start(["ensure", "hermes", "--json", "--progress", "plain"], {
      MOLECULE_IMAGE_REGISTRY: `${proxy.address}/acme`,
    });
    await running.untilPrinted("retrying in");
    await proxy.listen();
    expect((await running.done).status).toBe(0);
  });

  test("a pull needs no home directory, writable or not", async () => {
    const disk = await mountSmallDisk(1);
    await disk.setReadOnly(true);
    try {
      for (const HOME of [disk.path, `${disk.path}/gone`, undefined]) {
        const env = { HOME, MOLECULE_LOCAL_BUILD_CACHE: undefined };
        const { status, answer } = await ensure(env);
        expect([status, answer.results?.[0]?.image]).toMatchObject([0, { reference }]);
        await engine.removeImage(reference);
      }
    } finally {
      await disk.remove();
    }
  });
});
