import type { ImageBuildOptions } from "dockerode";
import type { BuildRequest } from "@molecule/core";
import type { Builder } from "./builder.js";

/** Returns the query parameters of a build request, under their names in the engine's API. */
export function buildOptions(
  { platform, labels, buildArgs, target, noCache, pullBases }: BuildRequest,
  builder: Builder,
  dockerfile: string,
): ImageBuildOptions {
  return {
    version: builder === "buildkit" ? "2" : "1",
    dockerfile,
    platform,
    labels: { ...labels },
    buildargs: { ...buildArgs },
    rm: true,
    ...(builder === "classic" ? { forcerm: true } : {}),
    ...(target === undefined ? {} : { target }),
    ...(noCache ? { nocache: true } : {}),
    ...(pullBases ? { pull: true } : {}),
  };
}
