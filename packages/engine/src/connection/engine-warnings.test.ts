import type { RequestListener } from "node:http";
import { afterEach, describe, expect, test } from "@jest/globals";
import { defaultPlatform, type ContainerEngine, type Log } from "@molecule/core";
import { buildContextOf, startFakeEngine, type FakeEngine } from "@molecule/testkit";
import { keepReport } from "../builds/build-context.test.support.js";
import { createDockerEngine } from "../docker-engine.js";
import { connectEngine } from "./engine-connection.js";
import type { EngineEndpoint } from "./engine-endpoint.js";

let fake: FakeEngine | undefined;
let engine: ContainerEngine | undefined;
let logged: { level: string; message: string; fields: Readonly<Record<string, unknown>> | undefined }[] = [];
afterEach(async () => {
  await engine?.close();
  await fake?.stop();
  [engine, fake, logged] = [undefined, undefined, []];
});

const logger =
  (level: string): Log["warn"] =>
  (message, fields) => {
    logged.push({ level, message, fields });
  };

function at(endpoint: EngineEndpoint): ContainerEngine {
  engine = createDockerEngine(endpoint, { log: { info: logger("info"), warn: logger("warn") } });
  return engine;
}

/** Returns an engine that sends these responses about itself and succeeds on every other request. */
async function facing(responses: Readonly<Record<string, unknown>>, status = 200): Promise<ContainerEngine> {
  const handler: RequestListener = (request, response) => {
    request.resume().on("end", () => {
      const known = responses[request.url ?? ""];
      response.writeHead(known === undefined ? 200 : status, { server: "Docker/20.10.24 (linux)" });
      response.end(JSON.stringify(known ?? { stream: "Successfully built", aux: { ID: id } }));
    });
  };
  fake = await startFakeEngine(handler);
  const { address } = fake;
  return at({ kind: "unix", address, socketPath: address.slice("unix://".length) });
}

const id = `sha256:${"a".repeat(64)}`;
const pull = (reference: string) => ({ reference, platform: defaultPlatform, report: keepReport() });
const requestedPaths = (): string[] => (fake?.requests ?? []).map(({ path }) => path.replace(/\?.*/, ""));

describe("a registry whose identity the engine does not verify", () => {
  const info = (config: unknown) => ({ "/info": { RegistryConfig: config } });
  const listed = info({
    IndexConfigs: {
      "docker.io": { Secure: true },
      "plain.example:5000": { Secure: false },
      "10.1.1.1:443": { Secure: true },
      "podman.example/acme": { Secure: false },
    },
    InsecureRegistryCIDRs: ["127.0.0.0/8", "10.1.0.0/16", "fd00::/8"],
  });

  test.each([
    ["plain.example:5000/a/b:c", "plain.example:5000"],
    ["10.1.2.3:5000/a/b:c", "10.1.2.3:5000"],
    ["[fd00::1]:5000/a/b:c", "[fd00::1]:5000"],
    ["podman.example/acme/b:c", "podman.example"],
  ])("is named when %s is pulled, with a hint", async (reference, registry) => {
    await (await facing(listed)).pullImage(pull(reference));

    expect(logged).toEqual([
      {
        level: "warn",
        message: expect.stringContaining("does not verify this registry's identity"),
        fields: { registry, engine: fake?.address, hint: expect.stringContaining("certificate") },
      },
    ]);
  });

  test("is named once, also if it is pushed to later", async () => {
    const engineWithList = await facing(listed);
    await engineWithList.pushImage({ reference: "plain.example:5000/a/b:c", report: keepReport() });
    await engineWithList.pullImage(pull("plain.example:5000/a/b:c"));
    await engineWithList.pullImage(pull("plain.example:5000/other:c"));
    expect(logged).toHaveLength(1);
  });

  test("may be any host name if all addresses are listed", async () => {
    const everything = info({ IndexConfigs: {}, InsecureRegistryCIDRs: ["0.0.0.0/0"] });
    await (await facing(everything)).pullImage(pull("any.example/a/b:c"));
    expect(logged).toHaveLength(1);
  });

  test.each(["docker.io/a/b:c", "busybox:1", "10.1.1.1:443/a:b", "10.2.0.1/a:b", "podman.example/acme2/b:c"])(
    "is not %s",
    async (reference) => {
      await (await facing(listed)).pullImage(pull(reference));
      expect(logged).toEqual([]);
      expect(requestedPaths()).toContain("/info");
    },
  );

  test.each(["127.0.0.1:5000/a:b", "127.9.9.9/a:b", "localhost:5000/a:b", "[::1]:5000/a:b"])(
    "is not this machine (%s): the engine's list is not requested",
    async (reference) => {
      await (await facing(listed)).pullImage(pull(reference));
      expect(logged).toEqual([]);
      expect(requestedPaths()).not.toContain("/info");
    },
  );

  test("is not an error if the engine does not report its list", async () => {
    await (await facing({ "/info": { message: "forbidden" } }, 403)).pullImage(pull("r.example/a:b"));
    expect(logged).toEqual([]);
    expect(requestedPaths()).toContain("/images/create");
  });

  test("is not looked up for an image that exists", async () => {
    await (await facing(listed)).inspectImage("plain.example:5000/a/b:c");
    expect(requestedPaths()).not.toContain("/info");
  });
});

describe("an engine's classic builder", () => {
  const version = (Version: string, name = "Engine") => ({
    "/version": { Version, Os: "linux", Arch: "amd64", Components: [{ Name: name }] },
  });
  const build = async (on: ContainerEngine): Promise<void> => {
    const made = on.buildImage({
      context: buildContextOf({}),
      platform: defaultPlatform,
      labels: {},
      target: undefined,
      buildArgs: {},
      noCache: false,
      pullBases: false,
      report: keepReport(),
    });
    await made;
  };

  test.each(["20.10.24+dfsg1", "19.03.0", "23.0.6", "24.0.8", "25.0.1"])(
    "is logged on %s, once, with a hint, and not as a warning",
    async (written) => {
      const old = await facing(version(written));
      await build(old);
      await build(old);
      expect(logged).toEqual([
        {
          level: "info",
          message: expect.stringContaining("CVE-2024-24557"),
          fields: { engine: fake?.address, version: written, hint: expect.stringContaining("buildkit") },
        },
      ]);
    },
  );

  test.each(
    ["24.0.9", "25.0.2", "26.1.0", "no version"]
      .map((it) => [it, "Engine"])
      .concat([["4.3.1", "Podman Engine"]]),
  )("is not logged on %s of %s", async (written = "", name = "") => {
    await build(await facing(version(written, name)));
    expect(logged).toEqual([]);
  });
});

describe("an engine over tcp", () => {
  const tls = { ca: undefined, cert: undefined, key: undefined };
  const tcp = (host: string, more: Partial<EngineEndpoint> = {}) =>
    ({ kind: "tcp", address: `tcp://${host}:1`, host, port: 1, tls: undefined, ...more }) as EngineEndpoint;
  // The endpoint does not matter: the call is aborted before anything is sent.
  const left = AbortSignal.abort();
  const ask = (endpoint: EngineEndpoint): Promise<unknown> =>
    at(endpoint)
      .inspectImage("x", { signal: left })
      .catch(() => undefined);

  test.each([
    ["none", tcp("192.0.2.1")],
    ["unchecked", tcp("engine.example", { tls: { ...tls, verify: false } })],
  ])("logs a warning once if its TLS is %s", async (kind, endpoint) => {
    await ask(endpoint);
    await engine?.inspectImage("y", { signal: left }).catch(() => undefined);
    expect(logged).toEqual([
      {
        level: "warn",
        message: expect.stringContaining("is not encrypted"),
        fields: {
          engine: endpoint.address,
          tls: kind,
          hint: expect.stringContaining("DOCKER_TLS_VERIFY=1"),
        },
      },
    ]);
  });

  test.each([
    tcp("127.0.0.1"),
    tcp("localhost"),
    tcp("::1"),
    tcp("192.0.2.1", { tls: { ...tls, verify: true } }),
  ])("logs no warning at $host with TLS $tls", async (endpoint) => {
    await ask(endpoint);
    expect(logged).toEqual([]);
  });
});

test("says of an engine on another machine without TLS that it is exposed", async () => {
  const exposed = async (endpoint: EngineEndpoint): Promise<boolean> =>
    (await connectEngine(endpoint)).isExposed;
  expect(await exposed({ kind: "tcp", address: "tcp://h:2375", host: "h", port: 2375, tls: undefined })).toBe(
    true,
  );
  expect(
    await exposed({ kind: "tcp", address: "tcp://127.0.0.1:1", host: "127.0.0.1", port: 1, tls: undefined }),
  ).toBe(false);
  expect(await exposed({ kind: "unix", address: "unix:///d", socketPath: "/d" })).toBe(false);
});
