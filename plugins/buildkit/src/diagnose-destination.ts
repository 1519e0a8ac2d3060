import {
  fine,
  isImageSourceError,
  runChecks,
  templateImageName,
  type Call,
  type DiagnosisScope,
  type Finding,
  type SourceServices,
} from "@molecule/core";

/**
 * Checks that the registry that builds are pushed to responds, and lets this user read. Whether it lets this user push
 * shows only when something is pushed.
 */
export function diagnoseDestination(
  registry: string,
  { registryClient, clock }: Pick<SourceServices, "registryClient" | "clock">,
  { signal }: Call,
  { named, allowed }: DiagnosisScope,
): Promise<readonly Finding[]> {
  const [runtime = "none"] = [...named, ...allowed];
  const reference = `${templateImageName(registry, runtime)}:latest`;
  const run = async (within: AbortSignal): Promise<ReturnType<typeof fine>> => {
    try {
      await registryClient.resolveDigest(reference, { signal: within });
    } catch (error) {
      // The image of a runtime that was never built.
      if (!isImageSourceError(error) || error.code !== "SOURCE_NOT_FOUND") throw error;
    }
    return fine(`${registry} responds`);
  };
  return runChecks([{ id: "registry", run }], { signal, clock });
}
