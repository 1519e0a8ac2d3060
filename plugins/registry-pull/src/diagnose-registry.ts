import {
  amiss,
  doubtful,
  fine,
  isImageSourceError,
  parseRegistryPrefix,
  tryParse,
  runChecks,
  type Call,
  type Clock,
  type DiagnosisScope,
  type Finding,
  type ImageSourceError,
  type RuntimeName,
  type SourceServices,
  type Verdict,
} from "@molecule/core";
import { lookUpImage, type LookedUpImage, type WantedImage } from "./look-up-image.js";

type Services = Pick<SourceServices, "registry" | "engine" | "credentials" | "clock">;

/** A registry that takes longer is not known to deny access. */
const patienceMs = 5_000;

/**
 * Checks whether the engine reaches the registry, which images it has, and which credentials this user has for it. Looks
 * up all images concurrently. Named and pinned images are findings of their own. Returns no findings if the prefix is
 * unusable.
 */
export async function diagnoseRegistry(
  { registry, engine, credentials, clock }: Services,
  wantedOf: (runtime: RuntimeName) => WantedImage,
  { signal }: Call,
  { named, allowed }: DiagnosisScope,
): Promise<readonly Finding[]> {
  const host = tryParse(parseRegistryPrefix, registry.prefix)?.registry;
  // An unusable prefix is a finding of the configuration.
  if (host === undefined) return [];
  const wanted = (named.length > 0 ? named : allowed).map(wantedOf);
  const pinned = allowed.map(wantedOf).filter(({ reference }) => reference.includes("@"));
  const listed = new Map([...named.map(wantedOf), ...pinned].map((one) => [one.runtime, one]));

  const lookUps = new Map<RuntimeName, Promise<LookedUpImage | undefined>>();
  // Several checks share the lookups, so no check may end them with its own signal.
  const stop = new AbortController();
  const untilDone = AbortSignal.any([signal, stop.signal]);
  const lookUp = (one: WantedImage): Promise<LookedUpImage | undefined> => {
    const pending = lookUps.get(one.runtime) ?? lookUpImage(one, engine, untilDone);
    lookUps.set(one.runtime, pending);
    return pending;
  };
  const lookUpAll = async (): Promise<readonly LookedUpImage[]> => {
    const pulled = wanted.filter(({ policy }) => policy.kind !== "never");
    const results = await Promise.all(pulled.map(lookUp));
    return results.filter((result) => result !== undefined);
  };

  const checks = runChecks(
    [
      {
        id: "registry",
        run: async () => {
          const results = await lookUpAll();
          return named.length > 0 ? responds(host, results) : hasImages(host, results);
        },
      },
      {
        id: "credentials",
        run: async (within) => {
          const found = await credentials.find(host, { signal: within });
          if (found !== undefined) return fine(`for ${host}: ${found.from}`);
          const none = `none are configured for ${host}`;
          return (await soon(lookUpAll(), clock))?.some(isDenied) === true
            ? doubtful(`${none}, and it denies access`, `Log in with docker login ${host}, as this user.`)
            : fine(none);
        },
      },
      ...[...listed].map(([runtime, one]) => ({
        id: `image.${runtime}`,
        run: (within: AbortSignal) =>
          one.policy.kind === "never" ? presentFinding(one, engine, within) : lookUp(one).then(imageFinding),
      })),
    ],
    { signal, clock },
  );
  try {
    return await checks;
  } finally {
    stop.abort();
  }
}

const isMissing = ({ error }: LookedUpImage): boolean => error?.code === "SOURCE_NOT_FOUND";
const isDenied = ({ error }: LookedUpImage): boolean => error?.code === "SOURCE_DENIED";
const namesOf = (images: readonly LookedUpImage[]): string => images.map(({ runtime }) => runtime).join(", ");

/** Whether the registry responds. Its images are findings of their own. Throws its error. */
function responds(host: string, results: readonly LookedUpImage[]): Verdict | undefined {
  if (results.length === 0) return undefined;
  const answered = results.some((one) => one.digest !== undefined || isMissing(one));
  if (!answered) throw firstError(results);
  return secured(`${host} responds`, results);
}

/** Warns if the engine does not verify the registry's identity. */
function secured(message: string, results: readonly LookedUpImage[]): Verdict {
  return results.some(({ isInsecure }) => isInsecure === true)
    ? doubtful(
        `${message}; the engine does not verify its identity`,
        "Give the registry a certificate, and remove it from the engine's insecure registries.",
      )
    : fine(message);
}

/** Whether the registry has the image of any runtime. Throws its error if that is unknown. */
function hasImages(host: string, results: readonly LookedUpImage[]): Verdict | undefined {
  const [first] = results;
  if (first === undefined) return undefined;
  const found = results.filter(({ digest }) => digest !== undefined);
  const others = results.filter(({ digest }) => digest === undefined);
  if (found.length > 0) {
    const missing = others.length === 0 ? "" : `, but not of ${namesOf(others)}`;
    return secured(`${host} responds; it has the images of ${namesOf(found)}${missing}`, results);
  }
  if (!results.every(isMissing)) throw firstError(results.filter((one) => !isMissing(one)));
  return amiss(
    `${host} responds, but has no image for any runtime, such as ${first.reference}`,
    "Check the path in MOLECULE_IMAGE_REGISTRY and the tag, log in if the registry is private, or push the images.",
  );
}

function firstError(results: readonly LookedUpImage[]): ImageSourceError | undefined {
  return results.find(({ error }) => error !== undefined)?.error;
}

/** Whether the registry has the image that a call would pull. Throws its error. */
function imageFinding(result: LookedUpImage | undefined): Verdict | undefined {
  if (result?.error !== undefined) throw result.error;
  return result && fine(`${result.reference} is ${result.digest ?? ""}`);
}

/** Whether the engine has an image that is never pulled. */
async function presentFinding(
  { runtime, reference }: WantedImage,
  engine: Services["engine"],
  signal: AbortSignal,
): Promise<Verdict | undefined> {
  try {
    const image = await engine.inspectImage(reference, { signal });
    if (image !== undefined) return fine(`${reference} is in the engine; it is never pulled`);
  } catch (error) {
    if (isImageSourceError(error) && error.code === "ENGINE_UNAVAILABLE") return undefined;
    throw error;
  }
  return amiss(
    `${reference} is not in the engine, and pullPolicy is never`,
    `Load the image, or set pullPolicy of ${runtime} to missing.`,
  );
}

/** Returns the value if it comes soon. */
function soon<T>(value: Promise<T>, clock: Clock): Promise<T | undefined> {
  return new Promise((resolve) => {
    const cancel = clock.after(patienceMs, () => {
      resolve(undefined);
    });
    value.then(resolve, () => {
      resolve(undefined);
    });
    void value.finally(cancel).catch(() => undefined);
  });
}
