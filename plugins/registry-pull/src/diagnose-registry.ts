import {
  assertRegistryPrefix,
  fine,
  isImageSourceError,
  parseImageReference,
  runChecks,
  shippedRuntimes,
  type Call,
  type Finding,
  type SourceServices,
  type Verdict,
} from "@molecule/core";
import type { RegistryOptions } from "./registry-options.js";

type Services = Pick<SourceServices, "registry" | "engine" | "credentials" | "clock">;

/** Whether the engine gets answers from the registry, and what this user has for it. Nothing with an unusable prefix. */
export async function diagnoseRegistry(
  { tag }: RegistryOptions,
  { registry, engine, credentials, clock }: Services,
  { signal }: Call,
): Promise<readonly Finding[]> {
  try {
    assertRegistryPrefix(registry.prefix);
  } catch {
    // It is a finding of the configuration.
    return [];
  }
  const [runtime = ""] = shippedRuntimes;
  const reference = `${registry.prefix}/workspace-template-${runtime}:${tag}`;
  const { registry: host } = parseImageReference(reference);
  return runChecks(
    [
      {
        id: "registry",
        run: async (within) =>
          asked(host, reference, () => engine.askRegistry(reference, { signal: within })),
      },
      {
        id: "credentials",
        run: async (within) => {
          const found = await credentials.find(host, { signal: within });
          return fine(found === undefined ? `none are configured for ${host}` : `for ${host}: ${found.from}`);
        },
      },
    ],
    { signal, clock },
  );
}

async function asked(
  host: string,
  reference: string,
  ask: () => Promise<{ readonly digest: string } | undefined>,
): Promise<Verdict | undefined> {
  try {
    const found = await ask();
    // Podman cannot be asked to.
    return found === undefined
      ? undefined
      : fine(`${host} answers the engine; ${reference} is ${found.digest}`);
  } catch (error) {
    // An engine that is not there is a finding of its own.
    if (isImageSourceError(error) && error.code === "ENGINE_UNAVAILABLE") return undefined;
    if (!isImageSourceError(error) || error.code !== "SOURCE_NOT_FOUND") throw error;
    return fine(`${host} answers the engine; it has no ${reference}`);
  }
}
