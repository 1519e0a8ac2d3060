import { context, trace } from "@opentelemetry/api";
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
  type ReadyImage,
} from "@molecule/core";
import { openTelemetryObserver } from "./open-telemetry-observer.js";

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

function images(source: Partial<ImageSource>): ImageProvider {
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
    observer: openTelemetryObserver({ tracer: tracers.getTracer("test"), meter: meters.getMeter("test") }),
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
  expect(below.map(({ name }) => name)).toEqual(["resolve", "find", "build"]);
  expect(below[2]?.attributes).toEqual({ "molecule.what": "with ***", "molecule.bytes": 4096 });

  const common = { "molecule.source": "example", "molecule.runtime": "hermes" };
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

test("a failure sets the status of its span and step, and is counted by its code", async () => {
  const failure = new ImageSourceError({ code: "SOURCE_DENIED", message: `no ${secret}`, hint: "ask" });
  await expect(images({ resolve: () => Promise.reject(failure) }).ensure("hermes")).rejects.toMatchObject({
    code: "SOURCE_DENIED",
  });
  const [step, root] = spans.getFinishedSpans();
  expect(step).toMatchObject({ name: "resolve", status: { code: 2 } });
  expect(root).toMatchObject({
    name: "molecule.ensure",
    status: { code: 2, message: "no ***" },
    attributes: { "error.type": "SOURCE_DENIED" },
  });
  expect(await counted("failures")).toMatchObject([
    { value: 1, attributes: { "error.type": "SOURCE_DENIED" } },
  ]);
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
