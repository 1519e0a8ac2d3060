import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  createMask,
  createSpine,
  defaultPlatform,
  parseRuntimeName,
  silentLog,
  type Call,
  type ImageSource,
  type ProgressEvent,
  type Resolution,
} from "@molecule/core";
import {
  acceleratedClock,
  describeWithEngine,
  putImage,
  startFaultProxy,
  startRegistry,
  type ConnectionFault,
  type Registry,
} from "@molecule/test-fixtures";
import { buildContextOf } from "@molecule/testkit";
import { createDockerEngine } from "../docker-engine.js";
import { findEngineEndpoint } from "../connection/find-engine-endpoint.js";

/** The clock of the calls runs ten times faster, so these are 20 KB/s for two and a half minutes. */
const speed = 10;
const bytesPerSecond = 20_000 * speed;
const layerBytes = 3_000_000;
const stallAfterMs = 30_000;

type Way = "a pull" | "a BuildKit build" | "a classic build";
const ways: readonly Way[] = ["a pull", "a BuildKit build", "a classic build"];

describeWithEngine({ describe, test }, "a registry behind a slow link", ({ address }) => {
  let registry: Registry;
  beforeAll(async () => {
    registry = await startRegistry();
  });
  afterAll(() => registry.stop());

  async function outcome(way: Way, fault: ConnectionFault): Promise<unknown> {
    const proxy = await startFaultProxy({ target: registry.host });
    const engine = createDockerEngine(
      () => findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }),
      way === "a pull" ? {} : { builder: way === "a classic build" ? "classic" : "buildkit" },
    );
    const repository = `slow/${way.replaceAll(" ", "-").toLowerCase()}-${String(Date.now())}`;
    await putImage({ host: registry.host, repository, files: { layer: randomBytes(layerBytes) } });
    proxy.fault(fault, { path: /\/blobs\// });
    const reference = `${proxy.address}/${repository}:latest`;
    const work = async (call: Call): Promise<string> =>
      call.progress.step(way === "a pull" ? "pull" : "build", reference, async (report) => {
        if (way === "a pull") {
          const { digest } = await engine.pullImage({ reference, platform: defaultPlatform, report }, call);
          return String(digest);
        }
        const context = buildContextOf({ Dockerfile: `FROM ${reference}\nCOPY x /x\n`, x: way });
        const made = { labels: {}, target: undefined, buildArgs: {}, noCache: false, pullBases: false };
        const request = { context, platform: defaultPlatform, ...made, report };
        return (await engine.buildImage(request, call)).imageId;
      });
    try {
      return await ensured(work);
    } finally {
      await engine.removeImage(reference).catch(() => undefined);
      await engine.close();
      await proxy.stop();
    }
  }

  test.each(ways)("makes %s slow, and not stalled: its bytes are progress", async (way) => {
    const { amounts } = (await outcome(way, { slow: { bytesPerSecond } })) as Ensured;
    const counts = new Set(amounts.map(({ done }) => done));
    expect(counts.size).toBeGreaterThan(2);
    expect(Math.max(...counts)).toBeGreaterThanOrEqual(layerBytes);
  });

  test.each(ways)("that goes dead makes %s stalled", async (way) => {
    await expect(outcome(way, { stall: { after: 1_500_000 } })).rejects.toMatchObject({ code: "STALLED" });
  });
});

interface Ensured {
  readonly amounts: readonly Extract<ProgressEvent, { type: "amount" }>[];
}

async function ensured(work: (call: Call) => Promise<string>): Promise<Ensured> {
  const runtime = parseRuntimeName("hermes");
  const resolution: Resolution = {
    runtime,
    reference: "example/hermes:1",
    revision: null,
    buildKey: null,
    platform: defaultPlatform,
  };
  const source: ImageSource = {
    name: "slow-link",
    resolve: async () => resolution,
    find: async () => ({ hit: false, why: "it is not looked for" }),
    provide: async (_resolution, _found, call) => {
      await work(call);
      const { reference, revision, buildKey, platform } = resolution;
      const imageId = `sha256:${"a".repeat(64)}`;
      return { reference, imageId, digest: null, revision, platform, buildKey, engine: null };
    },
  };
  const images = createSpine({
    source,
    selection: { source: source.name, mode: "local", because: "a test" },
    registry: { mode: "local", prefix: "molecule-local" },
    runtimes: new Set([runtime]),
    timeoutMs: 3_600_000,
    stallAfterMs,
    mask: createMask(),
    clock: acceleratedClock(speed),
    log: silentLog,
  });
  const amounts: Ensured["amounts"][number][] = [];
  try {
    await images.ensure("hermes", {
      onProgress: (event) => {
        if (event.type === "amount" && event.unit === "bytes") amounts.push(event);
      },
    });
    return { amounts };
  } finally {
    await images.close();
  }
}
