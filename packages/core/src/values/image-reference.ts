import { configInvalid } from "../errors/error-table.js";

/** A container image reference, normalised as the Docker CLI does. */
export interface ImageReference {
  /** Host and port: `docker.io`, `127.0.0.1:5000`. */
  readonly registry: string;
  /** The path below the registry: `library/busybox`. */
  readonly repository: string;
  readonly tag: string | null;
  /** `sha256:…`, in full. */
  readonly digest: string | null;
  /** As people write it: `busybox:1.36`. */
  readonly familiar: string;
  /** In full, without inventing a tag: `docker.io/library/busybox:1.36`. */
  toString(): string;
}

// The grammar of github.com/distribution/reference, regexp.go.
const domainComponent = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const host = `(?:${domainComponent}(?:\\.${domainComponent})*|\\[[a-fA-F0-9:]+\\])`;
const domain = `${host}(?::[0-9]+)?`;
const pathComponent = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const path = `${pathComponent}(?:/${pathComponent})*`;
const tag = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}";
const digest = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}";
const whole = new RegExp(`^(${domain})/(${path})(?::(${tag}))?(?:@(${digest}))?$`);

const digestLengths: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };
const hub = "docker.io";
const official = "library/";
const maxRepositoryLength = 255;

/** Adds the registry to a name: a first part without a dot, port or upper-case letter is a path on Docker Hub. */
function withRegistry(written: string): string {
  const slash = written.indexOf("/");
  const first = written.slice(0, Math.max(slash, 0));
  const isHost = /[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase();
  let registry = isHost ? first : hub;
  const rest = isHost ? written.slice(slash + 1) : written;
  if (registry === "index.docker.io") registry = hub;
  return `${registry}/${registry === hub && !rest.includes("/") ? official : ""}${rest}`;
}

function assertDigest(text: string, written: string): void {
  const [algorithm = "", hex = ""] = text.split(":");
  const length = Object.hasOwn(digestLengths, algorithm) ? digestLengths[algorithm] : undefined;
  if (hex.length !== length || hex !== hex.toLowerCase()) throw invalid(written, "its digest is not valid");
}

function invalid(written: string, why: string): Error {
  return configInvalid(
    `${JSON.stringify(written)} is not an image reference: ${why}`,
    "Write [HOST[:PORT]/]PATH[:TAG][@DIGEST], the path in lower case.",
  );
}

/** Returns the reference or throws `CONFIG_INVALID`, by the grammar and normalisation of distribution/reference. */
export function parseImageReference(written: string): ImageReference {
  if (/^[a-f0-9]{64}$/.test(written)) throw invalid(written, "64 hex digits are an image ID");
  const match = whole.exec(withRegistry(written));
  if (match === null) {
    const isCase = whole.test(withRegistry(written).toLowerCase());
    throw invalid(written, isCase ? "its path must be in lower case" : "it does not match the grammar");
  }
  const [, registry = "", repository = ""] = match;
  const [tag, digest] = [match[3] ?? null, match[4] ?? null];
  if (repository.length > maxRepositoryLength)
    throw invalid(written, "its path is longer than 255 characters");
  if (digest !== null) assertDigest(digest, written);
  const suffix = `${tag === null ? "" : `:${tag}`}${digest === null ? "" : `@${digest}`}`;
  const name = `${registry}/${repository}`;
  const familiarName = name.replace(/^docker\.io\/(?:library\/(?=[^/]+$))?/, "");
  return {
    registry,
    repository,
    tag,
    digest,
    familiar: familiarName + suffix,
    toString: () => name + suffix,
  };
}

/** Returns the reference of a digest in the same repository, without a tag. */
export function referenceByDigest(reference: string, digest: string): string {
  const { registry, repository } = parseImageReference(reference);
  return `${registry}/${repository}@${digest}`;
}
