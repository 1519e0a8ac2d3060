import type { RegistryReply } from "../registry-reply.js";
import type { ServedImage, ServedPart } from "./served-image.js";

/** How the registry of a fault is reached. */
export type RegistryDoor =
  "plain" | "bearer" | "basic" | "tls" | "reset" | "end" | "silence" | "refused" | "unknown";

/** A part of the registry that can be requested. `tag` is the manifest of a push whose blobs are accepted. */
export type AskedPart = "manifest" | "child" | "config" | "layer" | "token" | "upload" | "tag";

/** One way in which a registry fails. */
export interface RegistryFault {
  /** Default: `plain`. */
  readonly door?: RegistryDoor;
  readonly image?: (name: string) => ServedImage;
  /** What is served under the tag instead of the image's manifest. */
  readonly manifest?: (image: ServedImage) => ServedPart;
  /** Responds only to requests for these parts. */
  readonly replies?: Partial<
    Readonly<Record<AskedPart, RegistryReply | ((honest: ServedPart) => RegistryReply)>>
  >;
  /** Requests the image by the digest of its manifest. */
  readonly byDigest?: boolean;
  /** Which credentials the engine should send. Default: none. */
  readonly credentials?: "password" | "identity-token";
}
