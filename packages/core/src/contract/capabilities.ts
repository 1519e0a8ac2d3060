import type { EngineIdentity } from "./container-engine.js";
import type { Call, ReadyImage, Resolution } from "./image-source.js";
import type { Prunable } from "./prunable.js";
import type { RuntimeName } from "../values/runtime-name.js";

/*
 * What some sources can do besides. Each is an interface of its own, asked for with its guard:
 * a member that is absent from an interface fails silently, an interface that is absent does not.
 */

/** One finding of `doctor`. */
export interface Finding {
  readonly id: string;
  /** False only for what is bad: a warning is ok. */
  readonly ok: boolean;
  /** Default: `ok` or `bad`, by {@link Finding.ok}. */
  readonly level?: "ok" | "warn" | "bad";
  readonly message: string;
  /** What to do; empty when all is well. */
  readonly hint: string;
}

/** Which runtimes a diagnosis is about. */
export interface DiagnosisScope {
  /** Those that somebody asked about: their templates or images are looked up. Empty: nobody did. */
  readonly named: readonly RuntimeName[];
  /** All that are allowed. */
  readonly allowed: readonly RuntimeName[];
}

/** Can say whether what it needs is in order. Changes nothing. */
export interface Diagnosable {
  diagnose(call: Call, scope: DiagnosisScope): Promise<readonly Finding[]>;
}

/** Has its images in an engine, and can say in which. */
export interface EngineBound {
  /** Null when no engine API holds them. */
  engine(call: Call): Promise<EngineIdentity | null>;
}

/** Can name the newest verified image of a runtime without asking where it came from. */
export interface Recallable {
  lastGood(runtime: RuntimeName, call: Call): Promise<ReadyImage | undefined>;
}

/**
 * Hands on what it has made, to others elsewhere. Called once after the image is there and its lock is free, so that
 * nobody else here waits for it. A failure is a warning: the image serves.
 */
export interface Sharing {
  share(resolution: Resolution, image: ReadyImage, call: Call): Promise<void>;
}

function has(source: object, verb: string): boolean {
  return verb in source && typeof (source as Record<string, unknown>)[verb] === "function";
}

/** Whether the source can say how it is: it has all of {@link Diagnosable}. */
export function isDiagnosable(source: object): source is Diagnosable {
  return has(source, "diagnose");
}

/** Whether the source can remove what it made: it has all of {@link Prunable}. */
export function isPrunable(source: object): source is Prunable {
  return has(source, "stored") && has(source, "discard");
}

/** Whether the source says which engine holds its images: it has all of {@link EngineBound}. */
export function isEngineBound(source: object): source is EngineBound {
  return has(source, "engine");
}

/** Whether the source can answer with its last good image: it has all of {@link Recallable}. */
export function isRecallable(source: object): source is Recallable {
  return has(source, "lastGood");
}

/** Whether the source hands its images on to others: it has all of {@link Sharing}. */
export function isSharing(source: object): source is Sharing {
  return has(source, "share");
}
