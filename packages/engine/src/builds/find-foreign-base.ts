import {
  foreignBase,
  parseImageReference,
  platformParts,
  runsOn,
  type BaseImages,
  type BuildRequest,
  type EngineCall,
  type FindCredential,
  type ForeignBase,
  type ImageSourceError,
  type Platform,
} from "@molecule/core";
import type { Builder } from "./builder.js";
import { describeEngine } from "../connection/describe-engine.js";
import type { EngineConnection } from "../connection/engine-connection.js";
import { inspectImage } from "../images/image-calls.js";
import { publishedPlatforms } from "../images/published-platforms.js";

/** A finished build. */
export interface EndedBuild {
  readonly builder: Builder;
  readonly request: Pick<BuildRequest, "platform" | "plainBases" | "pullBases">;
  readonly bases: BaseImages;
  readonly credential: FindCredential;
}

/** Returns `SOURCE_MISMATCH` if a base image is for another platform than the build. */
export async function foreignBaseFailure(
  connection: EngineConnection,
  build: EndedBuild,
  call: EngineCall,
): Promise<ImageSourceError | undefined> {
  const { builder, request } = build;
  const found = await findForeignBase(connection, build, call);
  const mayBeStale = builder === "classic" && connection.kind !== "podman" && !request.pullBases;
  const stale = found === undefined && mayBeStale ? await findStaleBase(connection, build, call) : undefined;
  const base = found ?? stale;
  return base && foreignBase(base, request.platform).with({ withoutCache: found === undefined });
}

/**
 * Returns a base image that is for another platform than the build: builders accept the image of a single manifest
 * without checking its platform. Most builders report it; for a BuildKit that does not, queries the registry (0053).
 */
async function findForeignBase(
  connection: EngineConnection,
  build: EndedBuild,
  call: EngineCall,
): Promise<ForeignBase | undefined> {
  const { builder, bases, request } = build;
  const reported = bases.foreign.find(({ platform }) => !runsOn(platform, request.platform));
  return reported ?? (builder === "buildkit" ? ofBuildkit(connection, build, call) : undefined);
}

/**
 * Returns a base that the classic builder took from the engine's store although it is for another platform (the one
 * last pulled); undefined if there is none. Builds that pull their bases are not affected.
 */
async function findStaleBase(
  connection: EngineConnection,
  { bases, request: { platform } }: EndedBuild,
  call: EngineCall,
): Promise<ForeignBase | undefined> {
  for (const image of bases.used) {
    const base = await inspectImage(connection, image, { ...call, platform });
    if (base !== undefined && !runsOn(base, platform)) return { image, platform: base };
  }
  return undefined;
}

async function ofBuildkit(
  connection: EngineConnection,
  { bases, request: { platform, plainBases = [] }, credential }: EndedBuild,
  call: EngineCall,
): Promise<ForeignBase | undefined> {
  const plain = new Set(plainBases.map(nameOf));
  const images = bases.used.filter((image) => plain.has(nameOf(image)));
  if (images.length === 0) return undefined;
  if (warnsOfBases((await describeEngine(connection, call)).apiVersion)) return undefined;
  for (const image of images) {
    const { registry } = parseImageReference(image);
    const sent = { registry, credential: await credential(registry) };
    const published = (await publishedPlatforms(connection, image, sent, call)).map((one) =>
      platformParts(one as Platform),
    );
    const [first] = published;
    if (first !== undefined && !published.some((one) => runsOn(one, platform)))
      return { image: nameOf(image), platform: first };
  }
  return undefined;
}

/** Docker 27 has API version 1.46. */
function warnsOfBases(apiVersion: string): boolean {
  const [major = 0, minor = 0] = apiVersion.split(".").map(Number);
  return major > 1 || minor >= 46;
}

/** Drops the digest, which BuildKit appends to the name. */
function nameOf(image: string): string {
  return parseImageReference(image.replace(/@.*$/, "")).familiar;
}
