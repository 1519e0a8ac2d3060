import {
  imageOf,
  served,
  flipped,
  unreadable,
  badGateway,
  unavailable,
  tooMany,
  denied,
  unauthorized,
} from "./fault-replies.js";
import { page, plain, registryError } from "../registry-reply.js";
import { descriptor, mediaTypes, part, servedIndex } from "./served-image.js";
import type { RegistryFault } from "./registry-fault.js";

/** Faults of the manifest: missing, refused, unreadable, or for another platform. */
export const manifestFaults: Readonly<Record<string, RegistryFault>> = {
  // No such image.
  "manifest-404-unknown": {
    replies: { manifest: registryError(404, "MANIFEST_UNKNOWN", "manifest unknown") },
  },
  "manifest-404-name": {
    replies: { manifest: registryError(404, "NAME_UNKNOWN", "repository name not known to registry") },
  },
  "manifest-404-html": { replies: { manifest: page(404, "404 Not Found") } },
  "manifest-404-plain": { replies: { manifest: plain(404, "404 page not found\n") } },
  "manifest-404-empty": { replies: { manifest: plain(404, "") } },
  // Refusals.
  "manifest-403-json": { replies: { manifest: denied } },
  "manifest-403-html": { replies: { manifest: page(403, "403 Forbidden") } },
  "manifest-403-empty": { replies: { manifest: plain(403, "") } },
  "manifest-401-json": { replies: { manifest: unauthorized } },
  "manifest-401-html": { replies: { manifest: page(401, "401 Authorization Required") } },
  // Rate limits, and servers with problems.
  "manifest-429-json": { replies: { manifest: tooMany } },
  "manifest-429-html": { replies: { manifest: page(429, "429 Too Many Requests") } },
  "manifest-500-json": { replies: { manifest: registryError(500, "UNKNOWN", "unknown error") } },
  "manifest-502-html": { replies: { manifest: badGateway } },
  "manifest-503-plain": { replies: { manifest: unavailable } },
  "manifest-504-html": { replies: { manifest: page(504, "504 Gateway Time-out") } },
  "manifest-reset": { replies: { manifest: "reset" } },
  "manifest-end": { replies: { manifest: "end" } },
  "manifest-cut": { replies: { manifest: (honest) => served(honest, honest.content, { cutAfter: 100 }) } },
  // Not a manifest.
  "manifest-html": { replies: { manifest: page(200, "Welcome") } },
  "manifest-not-json": { manifest: () => part(mediaTypes.manifest, unreadable) },
  "manifest-empty": { manifest: () => part(mediaTypes.manifest, Buffer.alloc(0)) },
  "manifest-schema-1": {
    manifest: () =>
      part(
        "application/vnd.docker.distribution.manifest.v1+prettyjws",
        Buffer.from(
          JSON.stringify({
            schemaVersion: 1,
            name: "x",
            tag: "v1",
            fsLayers: [],
            history: [],
            signatures: [],
          }),
        ),
      ),
  },
  "manifest-unknown-type": {
    manifest: () => part("application/vnd.acme.thing.v1+json", Buffer.from('{"a":1}')),
  },
  "manifest-artifact": {
    manifest: ({ layers }) => {
      const config = part("application/vnd.acme.chart.config.v1+json", Buffer.from("{}"));
      const chart = layers.map((layer) =>
        descriptor({ ...layer, mediaType: "application/vnd.acme.chart.v1" }),
      );
      const content = {
        schemaVersion: 2,
        mediaType: mediaTypes.manifest,
        config: descriptor(config),
        layers: chart,
      };
      return part(mediaTypes.manifest, Buffer.from(JSON.stringify(content)));
    },
  },
  // Content that does not match its digest.
  "manifest-other-header": {
    replies: {
      manifest: (honest) => served(honest, Buffer.concat([honest.content, Buffer.from("\n")])),
    },
  },
  "manifest-other-pinned": {
    byDigest: true,
    replies: { manifest: (honest) => served(honest, flipped(honest.content)) },
  },
  "manifest-404-pinned": {
    byDigest: true,
    replies: { manifest: registryError(404, "MANIFEST_UNKNOWN", "manifest unknown") },
  },
  // Platforms.
  "index-other-platform": {
    manifest: ({ manifest }) => servedIndex(manifest, ["linux/s390x", "linux/ppc64le"]),
  },
  "index-empty": { manifest: ({ manifest }) => servedIndex(manifest, []) },
  "index-child-404": {
    manifest: ({ manifest }) => servedIndex(manifest, ["linux/amd64"]),
    replies: { child: registryError(404, "MANIFEST_UNKNOWN", "manifest unknown") },
  },
  "image-of-windows": { image: imageOf({ os: "windows" }) },
};
