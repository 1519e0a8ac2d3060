import { Readable } from "node:stream";
import { ImageSourceError, type ContainerEngine, type StepReport } from "@molecule/core";
import { floodOutput } from "./flood-output.js";
import { untilAborted } from "./until-aborted.js";

/**
 * How the engine behaves, and the programs that build images. Every value but `down` affects only calls that make an
 * image; `down` affects all calls.
 */
export type EngineMood =
  | "well"
  | "down"
  /** Starts, and does not finish until it is released. */
  | "slow"
  /** Starts, then disappears. */
  | "dies"
  /** Prints a flood first. */
  | "talkative";

/** An engine that records its calls, and misbehaves on request. */
export interface WatchedEngine {
  readonly engine: ContainerEngine;
  mood: EngineMood;
  readonly calls: readonly EngineCallSeen[];
  /** Records a call that goes to something other than this engine. */
  note(method: string, args: readonly unknown[]): void;
  /** Called when a call that makes an image begins. */
  onMaking: () => void;
}

export interface EngineCallSeen {
  readonly method: string;
  readonly args: readonly unknown[];
}

const reading = new Set([
  "identify",
  "describe",
  "storageDirectory",
  "askRegistry",
  "inspectImage",
  "listImages",
  "inspectContainer",
  "listContainers",
  "containerLogs",
  "openContainerLogs",
  "close",
  // A program: its changes show in their effects.
  "run",
]);
const making = /^(?:build|pull|load|import)/;

/** Whether the call makes an image. */
export const makesImage = ({ method }: EngineCallSeen): boolean => making.test(method);
/** Whether the call changes nothing. */
export const onlyReads = ({ method }: EngineCallSeen): boolean => reading.has(method);

export function watchEngine(real: ContainerEngine): WatchedEngine {
  const calls: EngineCallSeen[] = [];
  const watched: WatchedEngine = {
    engine: new Proxy(real, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function" || typeof name !== "string") return value;
        return (...args: readonly unknown[]): Promise<unknown> => {
          watched.note(name, args);
          return answer(name, args, () => Reflect.apply(value, target, args) as Promise<unknown>);
        };
      },
    }),
    mood: "well",
    calls,
    note: (method, args) => calls.push({ method, args }),
    onMaking: () => undefined,
  };

  async function answer(
    method: string,
    args: readonly unknown[],
    really: () => Promise<unknown>,
  ): Promise<unknown> {
    const { mood } = watched;
    if (mood === "down" && method !== "close") return refuse(args);
    if (!making.test(method)) return really();
    watched.onMaking();
    if (mood === "dies") return refuse(args);
    if (mood === "slow") {
      // Handles the stream's error, as an engine that reads it would: the writer fails the stream on abort.
      streamOf(args)?.on("error", () => undefined);
      const { signal } = partOf(args, "signal");
      await untilAborted(signal instanceof AbortSignal ? signal : undefined);
      return refuse(args, signal);
    }
    const { report } = partOf(args, "report") as { readonly report?: StepReport };
    if (mood === "talkative") await floodOutput((line) => report?.output(line));
    return really();
  }
  return watched;
}

/** As the interface requires: the unsent rest of the context is destroyed when a build ends early. */
function refuse(args: readonly unknown[], signal?: unknown): never {
  streamOf(args)?.destroy();
  if (signal instanceof AbortSignal) throw signal.reason;
  throw new ImageSourceError({
    code: "ENGINE_UNAVAILABLE",
    message: "the engine of the conformance suite is down",
    hint: "The next law gets a new engine.",
  });
}

function streamOf(args: readonly unknown[]): Readable | undefined {
  const sent = partOf(args, "context").context ?? partOf(args, "archive").archive;
  return sent instanceof Readable ? sent : undefined;
}

function partOf(args: readonly unknown[], name: string): Readonly<Record<string, unknown>> {
  const holder = args.find((arg) => typeof arg === "object" && arg !== null && name in arg);
  return (holder ?? {}) as Readonly<Record<string, unknown>>;
}
