import type { ErrorCode } from "../errors/errors.js";

/** A failure between an engine and a registry. */
export interface RegistryTrouble {
  readonly code: ErrorCode;
  /** The message, to follow the reference. */
  readonly what: string;
  readonly hint: string;
  /** The failure may be temporary. */
  readonly passes?: true;
  /** The image exists, but for other platforms. */
  readonly isPlatform?: true;
  /** The tag exists and cannot be moved, whatever the credentials. */
  readonly isImmutable?: true;
}

const logIn = "Log in with `docker login`; the credentials of the docker CLI are used.";
const pushAgain = "Push the image again; the registry's copy is damaged, or a proxy rewrites it.";
const checkRegistry = "Check that the registry is up and reachable from the engine, then retry.";
const engine = "Check the engine's log; a newer engine may support this image.";

/** The failures, independent of the engine's wording. */
export const registryTroubles = {
  notFound: {
    code: "SOURCE_NOT_FOUND",
    what: "does not exist in the registry",
    hint: "Check the reference; the image may have been renamed, deleted or not pushed yet.",
  },
  hidden: { code: "SOURCE_DENIED", what: "does not exist, or access is denied", hint: logIn },
  forbidden: { code: "SOURCE_DENIED", what: "is forbidden to this user by the registry", hint: logIn },
  unauthorized: {
    code: "SOURCE_DENIED",
    what: "needs credentials that the registry accepts",
    hint: logIn,
  },
  immutableTag: {
    code: "SOURCE_DENIED",
    what: "cannot be pushed: its tag exists in the registry and is immutable",
    hint: "Allow the tags of this repository to be overwritten, or push another tag.",
    isImmutable: true,
  },
  rateLimited: {
    code: "SOURCE_UNREACHABLE",
    what: "is rate-limited by the registry",
    hint: "Retry later; many registries allow more pulls after a login.",
    passes: true,
  },
  otherContent: { code: "SOURCE_MISMATCH", what: "does not match its digest", hint: pushAgain },
  otherPlatform: {
    code: "SOURCE_MISMATCH",
    what: "is not published for this platform",
    hint: "Set MOLECULE_IMAGE_PLATFORM to a platform that the image is published for, or publish it for this one.",
    isPlatform: true,
  },
  incomplete: { code: "SOURCE_MALFORMED", what: "is incomplete in the registry", hint: pushAgain },
  unreadable: {
    code: "SOURCE_MALFORMED",
    what: "has a manifest that cannot be read",
    hint: "Check that the address leads to a registry, then push the image again.",
  },
  badReference: {
    code: "CONFIG_INVALID",
    what: "is not an image reference",
    hint: "Write [HOST[:PORT]/]PATH[:TAG][@DIGEST], the path in lower case.",
  },
  plainHttp: {
    code: "SOURCE_UNREACHABLE",
    what: "is in a registry that speaks plain http",
    hint: "Serve it over https, or list it as insecure: `insecure-registries` in Docker's daemon.json, `insecure = true` in registries.conf for Podman and buildah.",
  },
  unknownAuthority: {
    code: "SOURCE_UNREACHABLE",
    what: "is in a registry whose certificate the engine does not trust",
    hint: "Put the registry's CA into /etc/docker/certs.d/HOST:PORT/ca.crt (Podman, buildah: /etc/containers/certs.d).",
  },
  unknownHost: {
    code: "SOURCE_UNREACHABLE",
    what: "is in a registry whose name cannot be resolved",
    hint: "Check the registry's name, and the DNS of the engine's machine.",
  },
  unreachable: {
    code: "SOURCE_UNREACHABLE",
    what: "cannot be fetched from its registry",
    hint: checkRegistry,
  },
  interrupted: {
    code: "SOURCE_UNREACHABLE",
    what: "cannot be fetched from its registry",
    hint: checkRegistry,
    passes: true,
  },
  refused: {
    code: "SOURCE_UNREACHABLE",
    what: "cannot be fetched from its registry",
    hint: checkRegistry,
    passes: true,
  },
  engineEnds: {
    code: "ENGINE_UNAVAILABLE",
    what: "cannot be pulled: the engine is shutting down or lost its containerd",
    hint: "Retry once the engine runs again; if the error persists, check the engine's log.",
    passes: true,
  },
  notUnpacked: { code: "ENGINE_UNAVAILABLE", what: "cannot be unpacked by the engine", hint: engine },
} as const satisfies Readonly<Record<string, RegistryTrouble>>;

export type RegistryTroubleName = keyof typeof registryTroubles;
