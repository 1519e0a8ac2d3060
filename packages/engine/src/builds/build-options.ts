import type { ImageBuildOptions } from "dockerode";
import type { BuildRequest } from "@molecule/core";
import type { Builder } from "./builder.js";

/** Returns the query parameters of a build request, under their names in the engine's API. */
export function buildOptions(
  request: BuildRequest,
  builder: Builder,
): ImageBuildOptions & { readonly excludes?: string } {
  const { contextDockerfile = request.dockerfile, contextExcludes = [] } = request;
  // BuildKit fetches the files itself, including the Dockerfile under its original name.
  const isFetched = builder === "buildkit" && request.files !== undefined;
  const dockerfile = isFetched ? request.dockerfile : contextDockerfile;
  const { platform, labels, buildArgs, target, noCache, pullBases } = request;
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
    // Only Podman supports this parameter; Docker ignores it.
    ...(contextExcludes.length > 0 ? { excludes: JSON.stringify(contextExcludes) } : {}),
  };
}
