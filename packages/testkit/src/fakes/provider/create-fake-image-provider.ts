import {
  createMask,
  createSpine,
  parseRuntimeName,
  silentLog,
  type ContainerEngine,
  type EnsureOptions,
  type ImageProvider,
  type Mode,
  type Observer,
  type RuntimeName,
} from "@molecule/core";
import { memoryContainers } from "../memory/memory-containers.js";
import { createMemoryEngine } from "../memory/memory-engine.js";
import { fakeRegistry } from "./fake-image.js";
import type { FakeOutcome, FakeOutcomes, FakeScript } from "./fake-script.js";
import { createManualClock } from "./manual-clock.js";
import { scriptedSource } from "./scripted-source.js";

/** A call of a fake image provider. */
export interface FakeCall {
  readonly verb: "ensure" | "refresh" | "plan" | "prune" | "close";
  /** Null for `prune` and `close`. */
  readonly runtime: string | null;
  /** As the caller passed them; empty for `close`. */
  readonly options: EnsureOptions;
}

/** An image provider that does what a script says. */
export interface FakeImageProvider<Name extends string, M extends Mode> extends ImageProvider {
  /** All calls so far, in order, including those that failed or joined another. */
  readonly calls: readonly FakeCall[];
  /** Replaces the outcomes of a runtime, from its next call on. */
  script(runtime: Name, outcomes: FakeOutcomes<M>): void;
  /** An in-memory engine that holds every image. Its containers print nothing and exit with status 0. */
  readonly engine: ContainerEngine;
  /** Returns {@link engine}, as the host's provider does. */
  engineOf(): ContainerEngine;
  /** Lets time pass for calls with latency, without waiting. Resolves when everything due has happened. */
  elapse(milliseconds: number): Promise<void>;
}

const defaultTimeoutMs = 30 * 60_000;

/**
 * Creates an image provider for tests of applications: no engine, no network, no files. It has the rules of a real one:
 * runtimes, options of calls, shared work, cancellation, time limits, progress and `close`. Throws for a script with an
 * invalid name.
 */
export function createFakeImageProvider<Name extends string, M extends Mode = "local">({
  mode,
  runtimes,
  timeoutMs = defaultTimeoutMs,
}: FakeScript<Name, M>): FakeImageProvider<Name, M> {
  const isPulling = mode === "registry";
  const calls: FakeCall[] = [];
  const clock = createManualClock();
  const script = new Map<RuntimeName, FakeOutcome<Mode>[]>();
  const setOutcomes = (runtime: string, outcomes: FakeOutcomes<Mode>): void => {
    const list = "length" in outcomes ? outcomes : [outcomes];
    // Copies: outcomes are compared by identity, and a script may use one object twice.
    script.set(
      parseRuntimeName(runtime),
      list.map((outcome) => ({ ...outcome })),
    );
  };
  for (const [runtime, outcomes] of Object.entries<FakeOutcomes<Mode>>(runtimes))
    setOutcomes(runtime, outcomes);

  const currentOf = (runtime: RuntimeName): FakeOutcome<Mode> => {
    const [current] = script.get(runtime) ?? [];
    if (current === undefined) throw new TypeError(`the script has no outcome for ${runtime}`);
    return current;
  };
  const observer: Observer = {
    begin: ({ verb, runtime }) => {
      const used = currentOf(runtime);
      const end = (): void => {
        const outcomes = script.get(runtime) ?? [];
        if (verb !== "plan" && outcomes.length > 1 && outcomes[0] === used) outcomes.shift();
      };
      return { event: () => undefined, end };
    },
  };

  const kind: Mode = isPulling ? "registry" : "local";
  const source = scriptedSource(kind, clock, currentOf);
  const spine = createSpine({
    source,
    callOptions: [isPulling ? "digest" : "revision", "platform"],
    selection: { source: source.name, mode: kind, because: "a test uses createFakeImageProvider" },
    registry: { mode: kind, prefix: isPulling ? fakeRegistry : "molecule-local" },
    runtimes: new Set(script.keys()),
    timeoutMs,
    stallAfterMs: Number.POSITIVE_INFINITY,
    mask: createMask(),
    clock,
    log: silentLog,
    observer,
  });
  const record = (verb: FakeCall["verb"], runtime: string | null, options: EnsureOptions = {}): void =>
    void calls.push({ verb, runtime, options });
  const close: ImageProvider["close"] = (options) => {
    record("close", null);
    return spine.close(options);
  };
  const engine: ContainerEngine = { ...createMemoryEngine(), ...memoryContainers(() => "") };
  return {
    selection: spine.selection,
    calls,
    engine,
    engineOf: () => engine,
    script: setOutcomes,
    elapse: (milliseconds) => clock.elapse(milliseconds),
    plan: (runtime, options) => {
      record("plan", runtime, options);
      return spine.plan(runtime, options);
    },
    ensure: (runtime, options) => {
      record("ensure", runtime, options);
      return spine.ensure(runtime, options);
    },
    refresh: (runtime, options) => {
      record("refresh", runtime, options);
      return spine.refresh(runtime, options);
    },
    prune: (request, options) => {
      record("prune", null, options);
      return spine.prune(request, options);
    },
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}
