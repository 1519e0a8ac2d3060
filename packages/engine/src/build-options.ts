import type { ImageBuildOptions } from "dockerode";
import type { BuildRequest } from "@molecule/core";
import type { Builder } from "./builder.js";

/** What a build is asked with, as the engine's API names it. */
export function buildOptions(request: BuildRequest, builder: Builder): ImageBuildOptions {
  const { dockerfile, platform, labels, buildArgs, target, noCache, pullBases } = request;
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
