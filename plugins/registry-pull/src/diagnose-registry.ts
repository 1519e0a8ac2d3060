import {
  fine,
  isImageSourceError,
  parseRegistryPrefix,
  tryParse,
  runChecks,
  type Call,
  type DiagnosisScope,
  type Finding,
  type RuntimeName,
  type SourceServices,
  type Verdict,
} from "@molecule/core";
type Services = Pick<SourceServices, "registry" | "engine" | "credentials" | "clock">;

/** Checks whether the engine reaches the registry, and which credentials this user has for it. No findings with an unusable prefix. */
export async function diagnoseRegistry(
  { registry, engine, credentials, clock }: Services,
  referenceOf: (runtime: RuntimeName) => string,
  { signal }: Call,
  { named, allowed }: DiagnosisScope,
): Promise<readonly Finding[]> {
  const host = tryParse(parseRegistryPrefix, registry.prefix)?.registry;
  // An unusable prefix is a finding of the configuration.
  if (host === undefined) return [];
  const [runtime] = named.length > 0 ? named : allowed;
  if (runtime === undefined) return [];
  const reference = referenceOf(runtime);
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
      ...named.map((one) => ({
        id: `image.${one}`,
        run: (within: AbortSignal) => imageFinding(referenceOf(one), engine, within),
      })),
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
    return found === undefined ? undefined : fine(`${host} responds; ${reference} is ${found.digest}`);
  } catch (error) {
    // An engine that is not there is a finding of its own.
    if (isImageSourceError(error) && error.code === "ENGINE_UNAVAILABLE") return undefined;
    if (!isImageSourceError(error) || error.code !== "SOURCE_NOT_FOUND") throw error;
    return fine(`${host} responds, but has no ${reference}`);
  }
}

/** Whether the registry has the image that a call would pull: that it has not is a failure. */
async function imageFinding(
  reference: string,
  engine: Services["engine"],
  signal: AbortSignal,
): Promise<Verdict | undefined> {
  try {
    const found = await engine.askRegistry(reference, { signal });
    return found === undefined ? undefined : fine(`${reference} is ${found.digest}`);
  } catch (error) {
    if (isImageSourceError(error) && error.code === "ENGINE_UNAVAILABLE") return undefined;
    throw error;
  }
}
