import { createHash } from "node:crypto";
import {
  defaultPlatform,
  parseCommitSha,
  parsePlatform,
  templateImageName,
  type Call,
  type Mode,
  type ReadyImage,
  type RuntimeName,
} from "@molecule/core";
import { memoryIdentity } from "../memory/memory-engine.js";
import type { FakeOutcome } from "./fake-script.js";

/** The registry prefix of fake images. */
export const fakeRegistry = "registry.example.com/acme";

/** Returns the facts of an image: the caller's, else the script's, else ones derived from the runtime. */
export function fakeImage(
  mode: Mode,
  runtime: RuntimeName,
  outcome: FakeOutcome<Mode>,
  { requested = {} }: Pick<Call, "requested">,
): ReadyImage {
  const scripted = outcome.fails === undefined ? outcome : {};
  const platform =
    requested.platform ??
    (scripted.platform === undefined ? defaultPlatform : parsePlatform(scripted.platform));
  const common = { platform, engine: memoryIdentity };
  if (mode === "registry") {
    const digest = requested.digest ?? scripted.digest ?? `sha256:${hash("digest", runtime)}`;
    const suffix = requested.digest === undefined ? ":latest" : `@${digest}`;
    const reference = templateImageName(fakeRegistry, runtime) + suffix;
    const imageId = scripted.imageId ?? `sha256:${hash(digest, platform)}`;
    return { ...common, reference, imageId, digest, revision: null, buildKey: null };
  }
  const revision =
    requested.revision ?? parseCommitSha(scripted.revision ?? hash("revision", runtime).slice(0, 40));
  const buildKey = hash(revision, platform);
  const suffix = platform === defaultPlatform ? "" : platform.replace(/^linux/, "").replaceAll("/", "-");
  const reference = `${templateImageName("molecule-local", runtime)}:${revision.slice(0, 12)}${suffix}`;
  const imageId = scripted.imageId ?? `sha256:${hash(buildKey)}`;
  return { ...common, reference, imageId, digest: null, revision, buildKey };
}

function hash(...facts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(facts)).digest("hex");
}
