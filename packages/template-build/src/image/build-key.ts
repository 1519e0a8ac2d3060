import { createHash } from "node:crypto";
import type { CommitSha, Platform } from "@molecule/core";

/** Everything that changes the result of a build: the template, and how it is built. */
export type BuildInputs = BuildOptions &
  (
    | { readonly commit: CommitSha; readonly content?: undefined }
    /** The hash of a working copy's content. */
    | { readonly content: string; readonly commit?: undefined }
  );

/** How a template is built. */
export interface BuildOptions {
  readonly platform: Platform;
  readonly dockerfile: string;
  readonly target: string | undefined;
  readonly buildArgs: Readonly<Record<string, string>>;
  /** Which template files provide build arguments. Their content is covered by the commit or the content. */
  readonly buildArgsFrom: Readonly<Record<string, string>>;
  readonly allowSubmodules: boolean;
  readonly allowLfs: boolean;
  /** Keyed by ID. Only the IDs are hashed: a hash of a value would let others test guesses (docs/adr/0035). */
  readonly secrets: Readonly<Record<string, unknown>>;
}

/** Raised when the same inputs start to give a different image; see docs/adr/0004. */
const formatVersion = 2;

let isPrepared = false;

/**
 * Loads node:crypto in the next turn of the event loop, after a request that this turn sends: in a new process, loading
 * it takes as long as the response of a near forge. Returns immediately if it has been loaded.
 */
export async function prepareBuildKey(): Promise<void> {
  if (isPrepared) return;
  await new Promise((resolve) => setImmediate(resolve));
  createHash("sha256");
  isPrepared = true;
}

/** Returns the SHA-256 of the inputs as 64 lower-case hex digits. The order of arguments does not matter. */
export function buildKey(inputs: BuildInputs): string {
  const { commit, content, platform, dockerfile, target, allowSubmodules, allowLfs, secrets } = inputs;
  const ids = Object.keys(secrets).sort();
  const facts = [
    formatVersion,
    commit ?? { content },
    platform,
    dockerfile,
    target ?? null,
    sorted(inputs.buildArgs),
    sorted(inputs.buildArgsFrom),
    allowSubmodules,
    allowLfs,
    ids,
  ];
  return createHash("sha256").update(JSON.stringify(facts)).digest("hex");
}

function sorted(entries: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(entries).sort(([one], [other]) => (one < other ? -1 : 1));
}
