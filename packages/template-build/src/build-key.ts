import { createHash } from "node:crypto";
import type { CommitSha, Platform } from "@molecule/core";

/** Everything that changes the result of a build. */
export interface BuildInputs {
  readonly commit: CommitSha;
  readonly platform: Platform;
  readonly dockerfile: string;
  readonly target: string | undefined;
  readonly buildArgs: Readonly<Record<string, string>>;
  /** Which files of the template give build arguments. What is in them, the commit says. */
  readonly buildArgsFrom: Readonly<Record<string, string>>;
  readonly allowSubmodules: boolean;
  readonly allowLfs: boolean;
  /** By ID. Only the IDs count: a hash of a value would be a way to try values (docs/adr/0035). */
  readonly secrets: Readonly<Record<string, unknown>>;
}

/** Raised when the same inputs begin to give another image; docs/adr/0004 says what counts. */
const formatVersion = 2;

/** SHA-256 over the inputs, 64 lower-case hex digits. The order in which arguments were written does not count. */
export function buildKey(inputs: BuildInputs): string {
  const { commit, platform, dockerfile, target, allowSubmodules, allowLfs, secrets } = inputs;
  const ids = Object.keys(secrets).sort();
  const facts = [
    formatVersion,
    commit,
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
