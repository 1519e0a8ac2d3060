import { randomBytes } from "node:crypto";
import { join } from "node:path";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from "@opentelemetry/sdk-trace-base";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createImageProvider, type HostImageProvider } from "@molecule/host";
import giteaLocalBuild from "@molecule/source-gitea-local-build";
import { openTelemetryObserver } from "@molecule/telemetry";
import {
  describeWithEngine,
  temporaryDirectory,
  tracesOf,
  type TemporaryDirectory,
} from "@molecule/test-fixtures";
import { helloTemplate, startForge, type Fault, type Forge } from "@molecule/testkit";

/*
 * The telemetry that an application gets from real calls: a span for each step, and no secrets, even if the
 * forge and a build echo the token.
 */

const token = "cn-tok/7f3a9b+2e=c1&d8";

describeWithEngine({ describe, test }, "telemetry of a host application", ({ address }) => {
  let directory: TemporaryDirectory;
  let forge: Forge;
  let images: HostImageProvider;
  const spans = new InMemorySpanExporter();
  const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const meters = new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 3_600_000 })],
  });

  beforeEach(async () => {
    spans.reset();
    [directory, forge] = await Promise.all([temporaryDirectory(), startForge()]);
    forge.requireToken(token);
    images = await createImageProvider({
      cwd: directory.path,
      home: directory.path,
      env: {
        PATH: process.env.PATH,
        DOCKER_HOST: address,
        MOLECULE_GITEA_TOKEN: token,
        MOLECULE_LOCAL_BUILD_CACHE: join(directory.path, "cache"),
        MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX: forge.repoPrefix(),
        MOLECULE_LOCAL_IMAGE_ISOLATION: `otel-${randomBytes(4).toString("hex")}`,
      },
      plugins: [giteaLocalBuild],
      observer: openTelemetryObserver({ tracer: tracers.getTracer("test"), meter: meters.getMeter("test") }),
    });
  });
  afterEach(async () => {
    await images.close();
    await Promise.all([forge.stop(), directory.remove()]);
  });

  const under = (root: ReadableSpan | undefined): string[] => {
    const id = root?.spanContext().spanId;
    const below = spans.getFinishedSpans().filter((span) => span.parentSpanContext?.spanId === id);
    return below.flatMap((span) => [span.name, ...under(span).map((name) => `${span.name} > ${name}`)]);
  };

  test("a build is a trace of its steps, and a cache hit is a trace of its requests", async () => {
    await forge.addTemplate("hermes", helloTemplate({ message: address }), { private: true });
    const built = await images.ensure("hermes");
    await images.ensure("hermes");
    await images.engine.removeImage(built.reference);

    const [build, hit] = spans.getFinishedSpans().filter(({ name }) => name === "molecule.ensure");
    expect(under(build).sort()).toEqual(
      ["resolve", "find", "checkout", "build", "build > molecule.context", "tag", "tag"]
        .map((step) => `molecule.${step}`)
        .sort(),
    );
    expect(under(hit).sort()).toEqual(["molecule.find", "molecule.resolve"]);
    const [name = "", tag = ""] = built.reference.split(":");
    expect(build?.attributes).toMatchObject({
      "container.image.name": name,
      "container.image.tags": [tag],
      "container.image.id": built.imageId,
      "container.runtime.name": "docker",
      "vcs.ref.head.revision": built.revision,
      "vcs.repository.url.full": `${forge.repoPrefix()}hermes`,
      "vcs.provider.name": "gitea",
      "molecule.forge": "gitea",
      "molecule.pinned": false,
      "molecule.working_copy": false,
      "molecule.emulated": false,
      "molecule.stale": false,
    });
    expect(hit?.attributes).toMatchObject({ "molecule.forge": "gitea" });
    expect(hit?.attributes).not.toHaveProperty("molecule.emulated");
    const context = spans.getFinishedSpans().find((span) => span.name === "molecule.context");
    expect(context?.attributes["molecule.bytes"]).toBeGreaterThan(1024);
  });

  test("no secret is in a span or a metric", async () => {
    const { Dockerfile } = helloTemplate();
    if (typeof Dockerfile !== "string") throw new TypeError("the Dockerfile is no text");
    const talks = { ...helloTemplate(), Dockerfile: `${Dockerfile}RUN echo '${token}'; exit 3\n` };
    await forge.addTemplate("codex", talks, { private: true });
    await expect(images.ensure("codex")).rejects.toMatchObject({ code: "BUILD_FAILED" });
    const failed = spans.getFinishedSpans().filter(({ attributes }) => "error.type" in attributes);
    expect(failed.map(({ name, attributes }) => [name, attributes["error.type"]])).toEqual([
      ["molecule.build", "BUILD_FAILED"],
      ["molecule.ensure", "BUILD_FAILED"],
    ]);

    const saysBack: Fault = ({ headers }, response) => {
      response.writeHead(403, { "content-type": "application/json" });
      response.end(JSON.stringify({ message: `${token} ${String(headers.authorization)}` }));
    };
    const leads: Fault = {
      status: 302,
      headers: { location: `http://${encodeURIComponent(token)}@127.0.0.1:9/` },
    };
    const garbage: Fault = { body: JSON.stringify({ commit: { id: token } }) };
    for (const fault of [saysBack, leads, garbage]) {
      forge.fault("api", fault);
      await expect(images.refresh("codex")).rejects.toMatchObject({
        code: expect.stringMatching(/^SOURCE_/),
      });
      forge.clearFaults();
    }
    forge.fault("git", saysBack);
    await expect(images.ensure("codex")).rejects.toMatchObject({ code: expect.any(String) });

    await meters.forceFlush();
    const told = JSON.stringify([
      spans
        .getFinishedSpans()
        .map(({ name, attributes, events, status }) => ({ name, attributes, events, status })),
      metrics.getMetrics().map(({ scopeMetrics }) => scopeMetrics),
    ]);
    // The text arrived, masked.
    expect(told).toContain("***");
    expect(tracesOf([token], told)).toEqual([]);
  });
});
