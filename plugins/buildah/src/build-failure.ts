import { ImageSourceError, type ErrorCode } from "@molecule/core";
import { lastError, storageFull } from "./buildah-command.js";

const hint = "Read the last lines of its output; the template's Dockerfile, or what it runs, must change.";

/** What a failed build means, by buildah's last words. */
export function buildFailure(said: string, tail: string): ImageSourceError {
  const error = lastError(said);
  return storageFull(error) ?? baseFailure(error) ?? stepFailure(error, tail);
}

/** What a failed pull or push means; what is not known is taken as the registry's trouble. */
export function transferFailure(
  said: string,
  reference: string,
  verb: "pulled" | "pushed",
): ImageSourceError {
  const error = lastError(said);
  const [code, registryHint] = registryTrouble(error);
  return (
    storageFull(error) ??
    new ImageSourceError({ code, message: `${reference} cannot be ${verb}: ${error}`, hint: registryHint })
  );
}

/**
 * Undefined unless a container keeps the image. Measured on 1.28.2, below a line `Error: 1 error occurred:`:
 * `* image used by 2826be8d…: image is in use by a container: consider listing external containers and …`
 */
export function inUse(said: string, image: string): ImageSourceError | undefined {
  const [, container] = /\* image used by ([0-9a-f]{12,64}): image is in use by a container/.exec(said) ?? [];
  if (container === undefined) return undefined;
  return new ImageSourceError({
    code: "CONTAINER_CONFLICT",
    message: `the image ${image} is in use by the container ${container.slice(0, 12)}`,
    hint: "Remove the container first: `podman rm` or `buildah rm`.",
  });
}

/** Measured on 1.28.2: `Error: creating build container: <what fetching the image of a FROM came to>`. */
function baseFailure(error: string): ImageSourceError | undefined {
  const [, trouble] = /^creating build container: (.*)$/.exec(error) ?? [];
  if (trouble === undefined) return undefined;
  const [code, registryHint] = registryTrouble(trouble);
  return new ImageSourceError({
    code,
    message: `a base image cannot be had: ${trouble}`,
    hint: registryHint,
  });
}

/*
 * Measured on 1.28.2: `Error: COPY --from=h:5000/x:y: no stage or image found with that name`, whatever the reason.
 */
const copyHint =
  "Check that the image is there, and that you have credentials for its registry; buildah does not say what it was told.";

/** Measured on 1.28.2: `Error: building at STEP "RUN exit 3": while running runtime: exit status 3`. */
function stepFailure(error: string, tail: string): ImageSourceError {
  const [, step, why = error] = /^building at STEP "(.*)": (.*)$/.exec(error) ?? [];
  const place = step === undefined ? "" : ` at "${step}"`;
  const exit = /^(?:while running runtime: )?exit status (\d+)$/.exec(why)?.[1];
  return new ImageSourceError({
    code: "BUILD_FAILED",
    message: `build failed${place}: ${exit === undefined ? why : `exit code ${exit}`}`,
    hint: /^COPY --from=\S+: no stage or image found with that name$/.test(why) ? copyHint : hint,
    output: tail === "" ? undefined : tail,
  });
}

/*
 * containers/image 5.23, measured against docker-registry 2.8 and a port that nobody listens at:
 * reading manifest nosuch in 127.0.0.1:5000/x: manifest unknown: manifest unknown
 * reading manifest latest in 127.0.0.1:5000/x: unauthorized: authentication required
 * pinging container registry 127.0.0.1:1: Get "https://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused
 */
function registryTrouble(text: string): readonly [ErrorCode, string] {
  if (/: (?:unauthorized|denied|errors:\n?denied)\b|authentication required$|access forbidden$/.test(text))
    return [
      "SOURCE_DENIED",
      "Log in with `docker login HOST` or `buildah login HOST`, as the user that builds.",
    ];
  if (/: (?:manifest|name) unknown\b|: not found$|does not exist$/.test(text))
    return ["SOURCE_NOT_FOUND", "Check the reference; the repository or the tag may not be pushed yet."];
  if (/no image found in (?:manifest list|image index) for architecture/.test(text))
    return ["SOURCE_MISMATCH", "Ask for a platform that the image is published for."];
  return ["SOURCE_UNREACHABLE", "Check that the registry is up and reachable from here, then call again."];
}
