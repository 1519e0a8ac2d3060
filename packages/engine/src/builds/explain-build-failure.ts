import {
  buildFailure,
  fetchedFrom,
  ImageSourceError,
  isImageSourceError,
  oneLine,
  readFailedStep,
  type BuildRequest,
  type FindCredential,
  type RegistryCredential,
  type ReportedBuild,
  type ReportedFailure,
} from "@molecule/core";
import type { BuildLog } from "./build-log.js";
import type { Builder } from "./builder.js";
import { explainRefusal } from "../credentials/explain-refusal.js";
import type { EngineConnection } from "../connection/engine-connection.js";
import { foreignBaseFailure } from "./find-foreign-base.js";
import { failedEngine } from "../connection/engine-errors.js";
import { pullAs } from "../images/pull-image.js";

export interface FailedBuild {
  readonly connection: EngineConnection;
  /** Undefined if the build failed before a builder was chosen. */
  readonly builder: Builder | undefined;
  readonly request: Pick<BuildRequest, "platform" | "plainBases" | "pullBases" | "report">;
  readonly credential: FindCredential;
  /** The credentials that the builder received. */
  readonly sent: ReadonlyMap<string, RegistryCredential | undefined>;
  readonly signal: AbortSignal;
}

/** Returns the error for a failed build. A refusal says where the credentials come from. */
export async function explainBuildFailure(
  reported: ReportedFailure,
  build: ReportedBuild & Pick<BuildLog, "bases">,
  cause: unknown,
  attempt: FailedBuild,
): Promise<ImageSourceError> {
  const { unexplainedImage, isForeign } = readFailedStep({
    text: reported.text,
    code: reported.code,
    tail: build.tail,
  });
  const { connection, builder, request, credential, sent, signal } = attempt;
  if (isForeign && builder !== undefined) {
    const ended = { builder, request, bases: build.bases, credential };
    const mismatch = await foreignBaseFailure(connection, ended, { signal });
    if (mismatch !== undefined) return mismatch;
  }
  const registry = unexplainedImage === undefined ? undefined : fetchedFrom(`FROM ${unexplainedImage}`);
  // Without a registry the name is a build stage, which Podman did not try to pull.
  if (unexplainedImage !== undefined && registry !== undefined && wasTried(build.tail)) {
    const failure = await fetchingFailure(unexplainedImage, registry, build, attempt);
    return withRefusalExplained(failure, registry, sent);
  }
  const failure = buildFailure(reported, build, failedEngine(connection.address), cause);
  const refusing = refusingRegistry(reported.text, build);
  return refusing === undefined ? failure : withRefusalExplained(failure, refusing, sent);
}

/**
 * Pulls the image of a `COPY --from` to find out why Podman could not: Podman does not report the reason, but a pull
 * with the same credentials does.
 */
async function fetchingFailure(
  image: string,
  registry: string,
  { step }: ReportedBuild,
  { connection, request, credential, signal }: FailedBuild,
): Promise<ImageSourceError> {
  const { platform, report } = request;
  const place = step === undefined ? "" : ` at "${oneLine(step)}"`;
  try {
    const sent = { registry, credential: await credential(registry) };
    await pullAs(connection, { reference: image, platform, report }, { signal }, sent);
  } catch (error) {
    if (!isImageSourceError(error) || signal.aborted) throw error;
    return error.with({ message: `the base image${place}: ${error.message}` });
  }
  return new ImageSourceError({
    code: "SOURCE_UNREACHABLE",
    message: `the base image${place} could not be fetched during the build, but can be now: ${image}`,
    hint: "Retry the build.",
    transient: {},
  });
}

/** Measured on Podman 4.3 to 5.8: it prints this line before it fails. */
function wasTried(tail: string): boolean {
  return /^Trying to pull \S+\.\.\.$/m.test(tail);
}

/** Returns the registry that the text refers to, or undefined if that is unclear. */
function refusingRegistry(text: string, { step, fetching, bases }: ReportedBuild): string | undefined {
  const ofBases = new Set(
    bases.used.map((base) => fetchedFrom(`FROM ${base}`)).filter((one) => one !== undefined),
  );
  const [, host] = /\bhttps?:\/\/([^/\s"]+)\/v2\//.exec(text) ?? [];
  if (host !== undefined && ofBases.has(host)) return host;
  const [only, ...others] = ofBases;
  return fetchedFrom(step ?? fetching ?? "") ?? (others.length === 0 ? only : undefined);
}

function withRefusalExplained(
  failure: ImageSourceError,
  registry: string,
  sent: FailedBuild["sent"],
): ImageSourceError {
  if (failure.code !== "SOURCE_DENIED") return failure;
  return explainRefusal(failure, { registry, credential: sent.get(registry) });
}
