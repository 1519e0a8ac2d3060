import { parseImageReference, tryParse, type ImageReference } from "@molecule/core";

/** A valid signature, as `cosign verify` prints it. */
export interface SignatureClaim {
  readonly digest: string;
  /** The repositories that the signer named. */
  readonly repositories: readonly string[];
}

/** The type of the signatures that state a repository themselves. For others, cosign prints the requested reference. */
const withRepository = "cosign container image signature";

/** Parses the output of `cosign verify`. Throws a `SyntaxError` if it is not JSON. */
export function parseClaims(output: string): readonly SignatureClaim[] {
  const claims: unknown = JSON.parse(output);
  return Array.isArray(claims) ? claims.map(claimOf) : [];
}

type Fields = Readonly<Record<string, unknown>>;

function claimOf(value: unknown): SignatureClaim {
  const { critical, optional } = fieldsOf(value);
  const { identity, image, type } = fieldsOf(critical);
  const stated = type === withRepository ? fieldsOf(identity)["docker-reference"] : undefined;
  const digest = fieldsOf(image)["docker-manifest-digest"];
  return {
    digest: typeof digest === "string" ? digest : "",
    repositories: [stated, fieldsOf(optional)["repository"]].filter((name) => typeof name === "string"),
  };
}

/** Whether the signer named the repository of that reference. */
export function namesRepository(
  { repositories }: SignatureClaim,
  { registry, repository }: Pick<ImageReference, "registry" | "repository">,
): boolean {
  return repositories.some((name) => {
    const named = tryParse(parseImageReference, name);
    return named?.registry === registry && named.repository === repository;
  });
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}
