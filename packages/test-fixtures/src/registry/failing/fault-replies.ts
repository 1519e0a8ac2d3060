import { page, plain, registryError, typed, type RegistryReply } from "../registry-reply.js";
import { servedImage, type ServedImage, type ServedImageOptions, type ServedPart } from "./served-image.js";

/*
 * Replies that several faults use.
 */

export const imageOf =
  (options: ServedImageOptions) =>
  (name: string): ServedImage =>
    servedImage(name, options);
export const served = (
  { mediaType, content }: ServedPart,
  body: Buffer = content,
  more: object = {},
): RegistryReply => ({
  ...typed(200, mediaType, body),
  ...more,
});
export const flipped = (content: Buffer): Buffer =>
  Buffer.from(content.map((byte, at) => (at === 5 ? byte ^ 1 : byte)));
export const unreadable = Buffer.from("{not JSON");

export const badGateway = page(502, "502 Bad Gateway");
export const unavailable = plain(503, "try again later\n");
export const tooMany = registryError(429, "TOOMANYREQUESTS", "slow down");
export const denied = registryError(403, "DENIED", "requested access to the resource is denied");
export const unauthorized = registryError(401, "UNAUTHORIZED", "authentication required");
export const blobUnknown = registryError(404, "BLOB_UNKNOWN", "blob unknown to registry");
