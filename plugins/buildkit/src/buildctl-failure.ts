import {
  buildFailure,
  classifyRegistryText,
  ImageSourceError,
  oneLine,
  parseImageReference,
  type FailedBuilder,
  type ReportedBuild,
} from "@molecule/core";

/** Classifies a failed build by buildctl's error. */
export function buildctlFailure(text: string, build: ReportedBuild, address: string): ImageSourceError {
  return (
    connectionLost(text, address) ??
    pushFailure(text, address) ??
    buildFailure({ text }, build, failedBuilder(address))
  );
}

/**
 * Measured with docker-registry 2.8: a registry may miss a layer for a moment while several builds push it. The whole
 * text was `errors:\nunknown: provided digest did not match uploaded content\nunknown: blob unknown to registry -
 * sha256:…`.
 */
const missesLayer = /\bblob unknown to registry\b/;

/**
 * Undefined unless the builder could not push the image. Measured on 0.34.2: `failed to solve: failed to push
 * HOST/PATH: denied` and `…: unexpected status from POST request to http://HOST/v2/PATH/blobs/uploads/: 403 Forbidden`.
 */
function pushFailure(text: string, address: string): ImageSourceError | undefined {
  const [, reference, why] = /^failed to solve: failed to push (\S+): (.*)$/s.exec(text) ?? [];
  if (reference === undefined || why === undefined) return undefined;
  const known = classifyRegistryText(why, "transfer");
  const { registry } = parseImageReference(reference);
  return new ImageSourceError({
    code: known?.code ?? "SOURCE_UNREACHABLE",
    message: `cannot push ${reference}: ${oneLine(why)}`,
    hint:
      known?.code === "SOURCE_DENIED"
        ? `Log in with \`docker login ${registry}\`, as a user who may push there.`
        : `Check the log of ${registry}, and that the BuildKit builder at ${address} reaches it: builders push images.`,
    transient: known?.passes === true || missesLayer.test(why) ? {} : undefined,
  });
}

/**
 * Measured on 0.34.2: `failed to receive status: Unavailable: error reading from server: EOF`, `Unavailable: connection
 * error: desc = "transport: Error while dialing: …"`, and at the start `listing workers for Build: failed to list
 * workers: Unavailable: …`.
 */
const unavailable =
  /^(?:listing workers for Build: )?(?:failed to \w+(?: \w+)*: )*(?:rpc error: code = )?Unavailable\b/;

/** Undefined unless the builder went away during the build. */
function connectionLost(text: string, address: string): ImageSourceError | undefined {
  if (!unavailable.test(text)) return undefined;
  return new ImageSourceError({
    code: "ENGINE_UNAVAILABLE",
    message: `the connection to the BuildKit builder at ${address} broke: ${oneLine(text)}`,
    hint: "Retry; if the error persists, check buildkitd's log: it may have crashed or been restarted.",
    transient: {},
  });
}

function failedBuilder(address: string): FailedBuilder {
  return {
    name: `the BuildKit builder at ${address}`,
    runHint: "Check buildkitd's log and its OCI runtime (runc or crun): any step should fail the same way.",
    full: (text, cause) =>
      text.includes("no space left on device")
        ? new ImageSourceError({
            code: "STORAGE_UNUSABLE",
            message: `the storage of the BuildKit builder at ${address} is full: ${oneLine(text)}`,
            hint: "Free space on the builder's disk, for example with `buildctl prune`.",
            cause,
          })
        : undefined,
  };
}
