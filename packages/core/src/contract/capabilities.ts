import type { EngineIdentity } from "./container-engine.js";
import type { Call, ReadyImage, Resolution } from "./image-source.js";
import type { Prunable } from "./prunable.js";
import type { RuntimeName } from "../values/runtime-name.js";

/*
 * Optional abilities of sources. Each is a separate interface with a guard:
 * a missing optional member would fail silently, a missing interface does not.
 */

/** One finding of `doctor`. */
export interface Finding {
  readonly id: string;
  /** False only if the level is `bad`; a warning is ok. */
  readonly ok: boolean;
  /** Default: `ok` or `bad`, by {@link Finding.ok}. */
  readonly level?: "ok" | "warn" | "bad";
  readonly message: string;
  /** What to do; empty if nothing is wrong. */
  readonly hint: string;
}

/** The runtimes that a diagnosis covers. */
export interface DiagnosisScope {
  /** The runtimes named by the caller, whose templates or images are looked up. May be empty. */
  readonly named: readonly RuntimeName[];
  /** All allowed runtimes. */
  readonly allowed: readonly RuntimeName[];
}

/** A source that can check its prerequisites. Changes nothing. */
export interface Diagnosable {
  diagnose(call: Call, scope: DiagnosisScope): Promise<readonly Finding[]>;
}

/** A source whose images are in an engine. */
export interface EngineBound {
  /** Returns the engine that holds the images; null if no engine API does. */
  engine(call: Call): Promise<EngineIdentity | null>;
}

/** A source that can find the newest verified image of a runtime without contacting its server. */
export interface Recallable {
  lastGood(runtime: RuntimeName, call: Call): Promise<ReadyImage | undefined>;
}

/**
 * A source that shares its images with other machines. Called once, after the image is ready and its lock released, so
 * that no local caller waits for it. A failure is only a warning: the image is usable.
 */
export interface Sharing {
  share(resolution: Resolution, image: ReadyImage, call: Call): Promise<void>;
}

function has(source: object, verb: string): boolean {
  return verb in source && typeof (source as Record<string, unknown>)[verb] === "function";
}

/** Returns whether the source implements {@link Diagnosable}. */
export function isDiagnosable(source: object): source is Diagnosable {
  return has(source, "diagnose");
}

/** Returns whether the source implements {@link Prunable}. */
export function isPrunable(source: object): source is Prunable {
  return has(source, "stored") && has(source, "discard");
}

/** Returns whether the source implements {@link EngineBound}. */
export function isEngineBound(source: object): source is EngineBound {
  return has(source, "engine");
}

/** Returns whether the source implements {@link Recallable}. */
export function isRecallable(source: object): source is Recallable {
  return has(source, "lastGood");
}

/** Returns whether the source implements {@link Sharing}. */
export function isSharing(source: object): source is Sharing {
  return has(source, "share");
}
