import {
  ImageSourceError,
  parseImageReference,
  tryParse,
  type Call,
  type ContainerEngine,
  type SourceServices,
} from "@molecule/core";
import { cosignCommand, registryFailure } from "./cosign-command.js";
import { namesRepository, parseClaims } from "./signature-claims.js";
import { readPolicy, type SignaturePolicy } from "./signature-policy.js";
import type { ConfiguredPolicy } from "./verify-option.js";

/** Verifies signatures of images in a registry. */
export interface ImageVerification {
  /** Returns the ID of the policy. Rejects with `CONFIG_INVALID` if its key cannot be used. */
  policyId(): Promise<string>;
  /**
   * Resolves a reference and verifies the signature of its digest. Rejects with `SOURCE_MISMATCH` without a valid
   * signature for this repository, with `TOOL_MISSING` without cosign, and as a pull does.
   */
  verify(reference: string, call: Pick<Call, "signal">): Promise<VerifiedImage>;
}

/** An image whose signature was verified. */
export interface VerifiedImage {
  /** By digest. */
  readonly reference: string;
  readonly policyId: string;
}

/** The services that verification needs. */
export interface VerificationServices extends Pick<SourceServices, "registryClient" | "env" | "run"> {
  readonly engine: Pick<ContainerEngine, "askRegistry">;
}

/** Creates the verification of images by a policy. Reads and contacts nothing before the first call. */
export function imageVerification(
  configured: ConfiguredPolicy,
  services: VerificationServices,
): ImageVerification {
  const cosign = cosignCommand(configured.option, services);
  return {
    policyId: async () => (await readPolicy(configured)).id,
    async verify(reference, call) {
      const policy = await readPolicy(configured);
      const { name, isInsecure } = await resolved(reference, services, call);
      const insecure = isInsecure ? ["--allow-http-registry=true", "--allow-insecure-registry=true"] : [];
      const args = ["verify", ...policy.arguments, ...insecure, "--output=json", "--", name];
      const output = await cosign.read(
        args,
        call,
        (failure) => registryFailure(name, failure) ?? notSigned(name, policy, failure.text),
      );
      assertFor(name, output, policy);
      return { reference: name, policyId: policy.id };
    },
  };
}

interface Resolved {
  /** The reference by digest. */
  readonly name: string;
  /** Whether the engine reaches the registry without verified TLS. */
  readonly isInsecure: boolean;
}

/** The engine resolves the reference where it can, because it may reach other registries than this machine. */
async function resolved(
  reference: string,
  { engine, registryClient }: VerificationServices,
  call: Pick<Call, "signal">,
): Promise<Resolved> {
  const { registry, repository, digest: pin } = parseImageReference(reference);
  const reply = await engine.askRegistry(reference, call);
  const digest = pin ?? reply?.digest ?? (await registryClient.resolveDigest(reference, call));
  const name = `${registry}/${repository}@${digest}`;
  if (tryParse(parseImageReference, name) === undefined) throw noDigest(reference);
  return { name, isInsecure: reply?.isInsecure === true };
}

/** cosign itself accepts a signature that was copied from another repository. */
function assertFor(name: string, output: string, policy: SignaturePolicy): void {
  const wanted = parseImageReference(name);
  const claims = claimsIn(name, output, policy).filter(({ digest }) => digest === wanted.digest);
  if (claims.some((claim) => namesRepository(claim, wanted))) return;
  const others = [...new Set(claims.flatMap(({ repositories }) => repositories))];
  const repository = `${wanted.registry}/${wanted.repository}`;
  throw mismatch(
    others.length === 0
      ? `the signature of ${name} by ${policy.signer} names no repository`
      : `the signature of ${name} by ${policy.signer} is for ${others.join(", ")}`,
    `Sign the image for this repository, with \`cosign sign -a repository=${repository}\`.`,
  );
}

function claimsIn(name: string, output: string, policy: SignaturePolicy): ReturnType<typeof parseClaims> {
  try {
    return parseClaims(output);
  } catch {
    throw notSigned(name, policy, "cosign printed no JSON");
  }
}

function notSigned(name: string, { signer, option }: SignaturePolicy, why: string): ImageSourceError {
  return mismatch(
    `${name} has no valid signature by ${signer}: ${why}`,
    `Sign the image with \`cosign sign\`, or set ${option} to its signer.`,
  );
}

function noDigest(reference: string): ImageSourceError {
  return new ImageSourceError({
    code: "SOURCE_MALFORMED",
    message: `the registry returned no valid digest for ${reference}`,
    hint: "Check that a registry serves this address, and that no proxy changes its responses.",
  });
}

function mismatch(message: string, hint: string): ImageSourceError {
  return new ImageSourceError({ code: "SOURCE_MISMATCH", message, hint });
}
