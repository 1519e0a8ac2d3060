import {
  classifyRegistryText,
  hintForStep,
  ImageSourceError,
  readFailedStep,
  type RegistryTextOrigin,
} from "@molecule/core";
import { lastError, shortError, storageFull } from "./buildah-command.js";

/** buildah's report of a build. */
export interface ReportedBuild {
  /** The last step: `STEP 2/3: RUN make`, `[2/2] STEP 1/2: FROM base`. */
  readonly step: string | undefined;
  /** The last lines of output. */
  readonly tail: string;
}

/** Classifies a failed build by the end of buildah's output. */
export function buildFailure(stderr: string, { step, tail }: ReportedBuild): ImageSourceError {
  const error = lastError(stderr);
  // Measured on 1.28 to 1.43: `building at STEP "RUN exit 3": while running runtime: exit status 3`.
  const at =
    /^(?:error )?building at STEP "(.*)": /.exec(error)?.[1] ?? step?.replace(/^.*?STEP \d+\/\d+: /, "");
  const place = at === undefined ? "" : ` at "${at}"`;
  return (
    unmappedUser(stderr, tail) ??
    storageFull(error) ??
    registryFailure(error, `the base image${place}`, "building") ??
    stepFailure(error, place, tail)
  );
}

/**
 * Undefined unless the build failed because the user has no ranges in /etc/subuid and /etc/subgid, and so only one user ID
 * in builds. Measured on 1.28.2, in a step: `error setting supplemental groups list: operation not permitted`; in a layer:
 * `potentially insufficient UIDs or GIDs available in user namespace (requested 0:42 for /etc/gshadow)`. The first is on
 * another stream than the steps, so its position among the lines is arbitrary.
 */
function unmappedUser(stderr: string, tail: string): ImageSourceError | undefined {
  const isOfStep =
    /: exit status 1$/.test(stderr) &&
    /^error setting supplemental groups list: operation not permitted/m.test(tail);
  if (!isOfStep && !/insufficient UIDs or GIDs available in user namespace/.test(stderr)) return undefined;
  return new ImageSourceError({
    code: "ENGINE_UNAVAILABLE",
    message: "buildah cannot map users: this user has no ranges in /etc/subuid and /etc/subgid",
    hint: "Run `sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $USER`, then retry.",
    output: tail,
  });
}

/** Returns the error for a failed pull or push. Attributes unknown errors to the registry. */
export function transferFailure(
  stderr: string,
  reference: string,
  verb: "pulled" | "pushed",
): ImageSourceError {
  const error = lastError(stderr);
  return (
    storageFull(error) ??
    registryFailure(error, reference, "transfer") ??
    new ImageSourceError({
      code: "SOURCE_UNREACHABLE",
      message: `${reference} cannot be ${verb}: ${shortError(error)}`,
      hint: "Check that the registry is up and reachable from here, then retry.",
    })
  );
}

/**
 * Undefined unless a container uses the image. Measured on 1.28.2, after a line `Error: 1 error occurred:`:
 * `* image used by 2826be8d…: image is in use by a container: consider listing external containers and …`
 */
export function inUse(stderr: string, image: string): ImageSourceError | undefined {
  const [, container] =
    /\* image used by ([0-9a-f]{12,64}): image is in use by a container/.exec(stderr) ?? [];
  if (container === undefined) return undefined;
  return new ImageSourceError({
    code: "CONTAINER_CONFLICT",
    message: `the image ${image} is in use by the container ${container.slice(0, 12)}`,
    hint: "Remove the container first: `podman rm` or `buildah rm`.",
  });
}

/** Returns the image of a `COPY --from` that buildah could not fetch. buildah does not report the reason. */
export function unexplainedImage(stderr: string): string | undefined {
  return readFailedStep({ text: lastError(stderr) }).unexplainedImage;
}

function registryFailure(
  error: string,
  name: string,
  origin: RegistryTextOrigin,
): ImageSourceError | undefined {
  const match = classifyRegistryText(error, origin);
  if (match === undefined) return undefined;
  const { code, what, hint, passes, isImmutable } = match;
  // A FROM that is not an image reference is the template author's fault.
  if (code === "CONFIG_INVALID" && origin !== "transfer") return undefined;
  return new ImageSourceError({
    code,
    message: `${name} ${what}: ${shortError(error)}`,
    hint: code === "SOURCE_DENIED" && isImmutable !== true ? logIn : hint,
    transient: passes === true ? {} : undefined,
  });
}

const logIn = "Log in with `docker login HOST` or `buildah login HOST`, as the user that builds.";

function stepFailure(error: string, place: string, tail: string): ImageSourceError {
  const failed = readFailedStep({ text: error, tail });
  const { exitCode, why, runtime, isForeign, missingSecret } = failed;
  const output = tail === "" ? undefined : tail;
  if (runtime !== undefined) {
    return new ImageSourceError({
      code: "ENGINE_UNAVAILABLE",
      message: `buildah cannot run a step${place}: ${shortError(runtime)}`,
      hint: isForeign
        ? "Register an emulator for the build's platform (Debian: `apt-get install qemu-user-static binfmt-support`), or set MOLECULE_IMAGE_PLATFORM=native for the engine's own."
        : "Check its OCI runtime (runc or crun), or choose another `isolation`; any `buildah run` should fail the same way.",
      output,
    });
  }
  const reason = missingSecret === undefined ? why : `secret ${missingSecret} not found`;
  return new ImageSourceError({
    code: "BUILD_FAILED",
    message: `build failed${place}: ${exitCode === undefined ? shortError(reason) : `exit code ${exitCode}`}`,
    hint: hintForStep(failed),
    output,
  });
}
