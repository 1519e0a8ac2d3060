import { context, metrics, trace } from "@opentelemetry/api";
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
} from "@opentelemetry/sdk-trace-base";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import {
  allowedRuntimes,
  createMask,
  createSpine,
  defaultPlatform,
  ImageSourceError,
  silentLog,
  type Clock,
  type Found,
  type ImageProvider,
  type ImageSource,
  type Missing,
  type Observer,
  type ReadyImage,
} from "@molecule/core";
import { openTelemetryObserver } from "./open-telemetry-observer.js";
import { version } from "./version.js";

const secret = "hunter2hunter2";
const imageId = `sha256:${"a".repeat(64)}`;
const clock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};

let spans: InMemorySpanExporter;
let metricsSeen: InMemoryMetricExporter;
let meters: MeterProvider;
let tracers: BasicTracerProvider;

beforeEach(() => {
  spans = new InMemorySpanExporter();
  tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  metricsSeen = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  meters = new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter: metricsSeen, exportIntervalMillis: 3_600_000 })],
  });
});
afterEach(async () => {
  await Promise.all([tracers.shutdown(), meters.shutdown()]);
});

const ownObserver = (): Observer =>
  openTelemetryObserver({ tracer: tracers.getTracer("test"), meter: meters.getMeter("test") });

function images(source: Partial<ImageSource>, observer = ownObserver()): ImageProvider {
  const image = {
    reference: "127.0.0.1:5000/example/hermes:1",
    revision: null,
    buildKey: null,
    platform: defaultPlatform,
  };
  const ready: ReadyImage = { ...image, imageId, digest: imageId, engine: null };
  let present = false;
  return createSpine({
    source: {
      name: "example",
      resolve: async (runtime) => ({ runtime, ...image }),
      find: async (): Promise<Found | Missing> =>
        present ? { hit: true, image: ready } : { hit: false, why: "not there" },
      provide: async (_resolution, found, { progress }) => {
        if (found === undefined) {
          await progress.step("build", `with ${secret}`, async ({ amount, output }) => {
            amount(10, undefined, "bytes");
            amount(4096, undefined, "bytes");
            output(`said ${secret}`);
          });
        }
        present = true;
        return ready;
      },
      ...source,
    },
    selection: { source: "example", mode: "local", because: "a test" },
    registry: { mode: "local", prefix: "molecule-local" },
    runtimes: allowedRuntimes([], "default"),
    timeoutMs: 10_000,
    mask: createMask([secret]),
    clock,
    log: silentLog,
    observer,
  });
}

async function counted(name: string): Promise<readonly { value: unknown; attributes: object }[]> {
  await meters.forceFlush();
  const all =
    metricsSeen
      .getMetrics()
      .at(-1)
      ?.scopeMetrics.flatMap(({ metrics }) => metrics) ?? [];
  const found = all.find(({ descriptor }) => descriptor.name === `molecule.image.${name}`);
  return (found?.dataPoints ?? []).map(({ value, attributes }) => ({ value, attributes }));
}

test("a build is a span with its steps below it, counted once for all callers", async () => {
  const provider = images({});
  await Promise.all([provider.ensure("hermes"), provider.ensure("hermes")]);
  await provider.ensure("hermes");

  const finished = spans.getFinishedSpans();
  const roots = finished.filter(({ name }) => name === "molecule.ensure");
  expect(roots).toHaveLength(2);
  expect(roots[0]?.attributes).toMatchObject({
    "molecule.source": "example",
    "molecule.runtime": "hermes",
    "container.image.name": "127.0.0.1:5000/example/hermes",
    "container.image.tags": ["1"],
    "container.image.id": imageId,
    "container.image.repo_digests": [`127.0.0.1:5000/example/hermes@${imageId}`],
    "molecule.cached": false,
  });
  const below = finished.filter((span) => span.parentSpanContext?.spanId === roots[0]?.spanContext().spanId);
  expect(below.map(({ name }) => name)).toEqual(["molecule.resolve", "molecule.find", "molecule.build"]);
  const common = { "molecule.source": "example", "molecule.runtime": "hermes" };
  expect(below[2]?.attributes).toEqual({
    ...common,
    "molecule.step": "build",
    "molecule.what": "with ***",
    "molecule.bytes": 4096,
  });
  expect(await counted("misses")).toEqual([{ value: 1, attributes: common }]);
  expect(await counted("hits")).toEqual([{ value: 1, attributes: common }]);
  expect(await counted("builds")).toEqual([{ value: 1, attributes: common }]);
  expect(await counted("bytes")).toEqual([
    { value: 4096, attributes: { ...common, "molecule.step": "build" } },
  ]);
  const [miss] = await counted("duration");
  expect(miss?.value).toMatchObject({
    count: 1,
    buckets: { boundaries: expect.arrayContaining([0.01, 1800]) },
  });
  expect(JSON.stringify(finished.map(({ attributes, events }) => [attributes, events]))).not.toContain(
    secret,
  );
});

const denied = new ImageSourceError({ code: "SOURCE_DENIED", message: `no ${secret}`, hint: "ask" });

/** How a span shows its failure. */
const shown = (code: string, message: string) => ({
  status: { code: 2, message },
  attributes: { "error.type": code },
  events: [{ name: "exception", attributes: { "exception.type": code, "exception.message": message } }],
});

test("a failure is recorded on its span and on the step that failed", async () => {
  await expect(images({ resolve: () => Promise.reject(denied) }).ensure("hermes")).rejects.toMatchObject({
    code: "SOURCE_DENIED",
  });
  const [step, root] = spans.getFinishedSpans();
  const failure = shown("SOURCE_DENIED", "no ***");
  expect(step).toMatchObject({ name: "molecule.resolve", ...failure });
  expect(root).toMatchObject({ name: "molecule.ensure", ...failure });
});

test("a step that fails is recorded even if the work then succeeds", async () => {
  const provide: ImageSource["provide"] = async (resolution, _found, { progress }) => {
    const failing = progress.step("tag", "alias", () => Promise.reject(denied));
    await failing.catch(() => undefined);
    const { reference, revision, platform, buildKey } = resolution;
    return { reference, revision, platform, buildKey, imageId, digest: imageId, engine: null };
  };
  await images({ provide }).ensure("hermes");
  const [tag] = spans.getFinishedSpans().filter(({ name }) => name === "molecule.tag");
  expect(tag).toMatchObject(shown("SOURCE_DENIED", "no ***"));
  const [root] = spans.getFinishedSpans().filter(({ name }) => name === "molecule.ensure");
  expect(root?.status).toEqual({ code: 0 });
});

test("a step that a caller aborts has failed as the work has", async () => {
  const aborter = new AbortController();
  const resolve: ImageSource["resolve"] = (_runtime, { signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(new Error("the socket was closed")));
      aborter.abort();
    });
  const provider = images({ resolve });
  await expect(provider.ensure("hermes", { signal: aborter.signal })).rejects.toMatchObject({
    code: "CANCELLED",
  });
  await provider.close();
  const [step] = spans.getFinishedSpans();
  expect(step).toMatchObject({ name: "molecule.resolve", attributes: { "error.type": "CANCELLED" } });
});

test("a failure is counted by its code, and its duration is recorded", async () => {
  const provider = images({ resolve: () => Promise.reject(denied) });
  await provider.ensure("hermes").catch(() => undefined);
  await provider.plan("hermes").catch(() => undefined);
  const attributes = {
    "molecule.source": "example",
    "molecule.runtime": "hermes",
    "error.type": "SOURCE_DENIED",
  };
  expect(await counted("failures")).toEqual([{ value: 2, attributes }]);
  expect(await counted("duration")).toEqual([
    {
      value: expect.objectContaining({ count: 1 }),
      attributes: { ...attributes, "molecule.verb": "ensure" },
    },
  ]);
});

test("a refused call is counted without what the caller wrote", async () => {
  await expect(images({}).ensure(secret)).rejects.toMatchObject({ code: "RUNTIME_UNKNOWN" });
  await expect(images({}).plan("hermess")).rejects.toMatchObject({ code: "RUNTIME_UNKNOWN" });
  const common = { "molecule.source": "example", "error.type": "RUNTIME_UNKNOWN" };
  expect(await counted("refusals")).toEqual([
    { value: 1, attributes: { ...common, "molecule.verb": "ensure" } },
    { value: 1, attributes: { ...common, "molecule.verb": "plan" } },
  ]);
  expect(spans.getFinishedSpans()).toEqual([]);
});

test("facts that a source reports are attributes of the work, masked", async () => {
  const resolve: ImageSource["resolve"] = (_runtime, { annotate }) => {
    annotate?.({ "molecule.forge": "git", "molecule.build_args": ["A", secret], "molecule.pinned": false });
    annotate?.({ "molecule.pinned": true });
    return Promise.reject(denied);
  };
  await images({ resolve })
    .ensure("hermes")
    .catch(() => undefined);
  const root = spans.getFinishedSpans().at(-1);
  expect(root?.attributes).toMatchObject({
    "molecule.forge": "git",
    "molecule.build_args": ["A", "***"],
    "molecule.pinned": true,
  });
});

test("the global tracer and meter have the version of the package", async () => {
  trace.setGlobalTracerProvider(tracers);
  metrics.setGlobalMeterProvider(meters);
  try {
    const provider = images({}, openTelemetryObserver());
    await provider.ensure("hermes");
    await meters.forceFlush();
    const scope = { name: "@molecule/telemetry", version };
    expect(spans.getFinishedSpans().at(-1)?.instrumentationScope).toMatchObject(scope);
    expect(metricsSeen.getMetrics().at(-1)?.scopeMetrics).toMatchObject([{ scope }]);
  } finally {
    trace.disable();
    metrics.disable();
  }
});

test("does nothing without a registered provider", async () => {
  expect(trace.getSpan(context.active())).toBeUndefined();
  const observation = openTelemetryObserver().begin({
    verb: "ensure",
    source: "example",
    runtime: "hermes" as never,
  });
  observation.end({ error: new ImageSourceError({ code: "INTERNAL", message: "x", hint: "y" }) });
});
