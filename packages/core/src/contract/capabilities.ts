import type { EngineIdentity } from "./container-engine.js";
import type { Call, ReadyImage, Resolution } from "./image-source.js";
import type { Prunable } from "./prunable.js";
import type { RuntimeName } from "../values/runtime-name.js";

/*
 * Optional methods of a source, grouped by capability. A plugin declares its capabilities, and the host compares them
 * with the methods of the source, so that a misspelt method is an error rather than a missing feature.
 */

/** The methods of each capability. */
export const capabilityMethods = {
  diagnosable: ["diagnose"],
  engineBound: ["engine"],
  prunable: ["stored", "discard"],
  recallable: ["lastGood"],
  sharing: ["share"],
  tracking: ["upstream"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** A capability as a plugin declares it. */
export type Capability = keyof typeof capabilityMethods;

/** One finding of `doctor`. */
export interface Finding {
  readonly id: string;
  /** False only if the level is `bad`; a warning is ok. */
  readonly ok: boolean;
  /** Default: `ok` or `bad`, by {@link Finding.ok}. */
  readonly level?: "ok" | "warn" | "bad";
  readonly message: string;
  /** The remedy; empty if nothing is wrong. */
  readonly hint: string;
}

/** The runtimes that a diagnosis covers. */
export interface DiagnosisScope {
  /** The runtimes named by the caller, which must have a template or image. May be empty. */
  readonly named: readonly RuntimeName[];
  /** All allowed runtimes. One without a template or image is not a problem. */
  readonly allowed: readonly RuntimeName[];
}

/** A source that can check its prerequisites. Changes nothing. */
export interface Diagnosable {
  diagnose(call: Call, scope: DiagnosisScope): Promise<readonly Finding[]>;
}

/** A source that knows which engine its images are in, if any. */
export interface EngineBound {
  /**
   * Where the images are if no engine API can reach them: a container is then refused before its image is built. Set it
   * only if the options alone decide that. With `registry`, {@link Prunable.stored} returns no images, and `prune` keeps
   * the repositories of all allowed runtimes, within its size limit, because later builds use them. Default: the images
   * are in the engine that {@link engine} returns.
   */
  readonly imagesIn?: "registry" | "storage" | undefined;
  /** Whether the images are built on other machines than the engine's. Default: false. */
  readonly buildsElsewhere?: boolean;
  /** Returns the engine that holds the images; null if no engine API does. */
  engine(call: Call): Promise<EngineIdentity | null>;
}

/** A source that can find the newest verified image of a runtime without contacting its server. */
export interface Recallable {
  /**
   * Returns the image; null if there is none, undefined if the user has not allowed one. If it rejects, the failure is
   * logged, and the call fails with the server's error.
   */
  lastGood(runtime: RuntimeName, call: Call): Promise<ReadyImage | null | undefined>;
}

/**
 * A source that shares its images with other machines. Called once for an image that `provide` built, after its lock is
 * released, so that no local caller waits for it. A failure is only a warning: the image is usable.
 */
export interface Sharing {
  share(resolution: Resolution, image: ReadyImage, call: Call): Promise<void>;
}

/** The branch that a runtime's images are built from. */
export interface Upstream {
  /** The URL of the repository as configured, without credentials. */
  readonly repository: string;
  /** Undefined: the repository's default branch. */
  readonly branch: string | undefined;
}

/** A source whose images follow a branch, so that a push to it can announce a new image. */
export interface Tracking {
  /** Returns the branch of a runtime; undefined if its images follow none, such as those of a pinned commit. */
  upstream(runtime: RuntimeName): Upstream | undefined;
}

/** Returns whether the source has every method of a capability. */
function has(source: object, capability: Capability): boolean {
  const members = source as Readonly<Record<string, unknown>>;
  return capabilityMethods[capability].every((method) => typeof members[method] === "function");
}

/** Returns how a source's methods differ from its declared capabilities; undefined if they agree. */
export function capabilityMismatch(declared: readonly Capability[], source: object): string | undefined {
  const members = source as Readonly<Record<string, unknown>>;
  for (const [capability, methods] of Object.entries(capabilityMethods)) {
    const isDeclared = declared.some((one) => one === capability);
    const wrong = methods.find((method) => (typeof members[method] === "function") !== isDeclared);
    if (wrong === undefined) continue;
    return isDeclared
      ? `it declares the capability ${capability}, but has no method ${wrong}`
      : `it has a method ${wrong}, but does not declare the capability ${capability}`;
  }
  return undefined;
}

/** Returns whether the source implements {@link Diagnosable}. */
export function isDiagnosable(source: object): source is Diagnosable {
  return has(source, "diagnosable");
}

/** Returns whether the source implements {@link Prunable}. */
export function isPrunable(source: object): source is Prunable {
  return has(source, "prunable");
}

/** Returns whether the source implements {@link EngineBound}. */
export function isEngineBound(source: object): source is EngineBound {
  return has(source, "engineBound");
}

/** Returns whether the source implements {@link Recallable}. */
export function isRecallable(source: object): source is Recallable {
  return has(source, "recallable");
}

/** Returns whether the source implements {@link Sharing}. */
export function isSharing(source: object): source is Sharing {
  return has(source, "sharing");
}

/** Returns whether the source implements {@link Tracking}. */
export function isTracking(source: object): source is Tracking {
  return has(source, "tracking");
}
