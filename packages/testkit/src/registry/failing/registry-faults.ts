import { json, page, plain, registryError, typed, type RegistryReply } from "./registry-reply.js";
import {
  descriptor,
  digestOf,
  mediaTypes,
  part,
  servedImage,
  servedIndex,
  type ServedImage,
  type ServedImageOptions,
  type ServedPart,
} from "./served-image.js";
import { zstdFrame } from "./zstd-frame.js";

/** How the registry of a fault is reached. */
export type RegistryDoor =
  "plain" | "bearer" | "basic" | "tls" | "reset" | "end" | "silence" | "refused" | "unknown";

/** A part of the registry that can be requested. */
export type AskedPart = "manifest" | "child" | "config" | "layer" | "token" | "upload";

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

const imageOf =
  (options: ServedImageOptions) =>
  (name: string): ServedImage =>
    servedImage(name, options);
const served = (
  { mediaType, content }: ServedPart,
  body: Buffer = content,
  more: object = {},
): RegistryReply => ({
  ...typed(200, mediaType, body),
  ...more,
});
const flipped = (content: Buffer): Buffer =>
  Buffer.from(content.map((byte, at) => (at === 5 ? byte ^ 1 : byte)));
const unreadable = Buffer.from("{not JSON");

const badGateway = page(502, "502 Bad Gateway");
const unavailable = plain(503, "try again later\n");
const tooMany = registryError(429, "TOOMANYREQUESTS", "slow down");
const denied = registryError(403, "DENIED", "requested access to the resource is denied");
const unauthorized = registryError(401, "UNAUTHORIZED", "authentication required");
const blobUnknown = registryError(404, "BLOB_UNKNOWN", "blob unknown to registry");

/** Every fault of this registry, by name. The name is the first part of the repository's path. */
export const registryFaults: Readonly<Record<string, RegistryFault>> = {
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
  // Configurations.
  "config-404": { replies: { config: blobUnknown } },
  "config-503": { replies: { config: unavailable } },
  "config-other": { replies: { config: (honest) => served(honest, flipped(honest.content)) } },
  "config-not-json": { image: (name) => servedImage(name, { config: Buffer.from(`{not JSON ${name}`) }) },
  "config-other-layers": { image: imageOf({ diffId: digestOf(Buffer.from("another layer")) }) },
  "config-fewer-layers": {
    image: (name) => {
      const config = {
        architecture: "amd64",
        os: "linux",
        author: name,
        rootfs: { type: "layers", diff_ids: [] },
      };
      return servedImage(name, { config: Buffer.from(JSON.stringify(config)) });
    },
  },
  // Layers.
  "layer-404": { replies: { layer: blobUnknown } },
  "layer-404-html": { replies: { layer: page(404, "404 Not Found") } },
  "layer-401": { replies: { layer: unauthorized } },
  "layer-403": { replies: { layer: denied } },
  "layer-429": { replies: { layer: tooMany } },
  "layer-500": { replies: { layer: registryError(500, "UNKNOWN", "unknown error") } },
  "layer-503": { replies: { layer: unavailable } },
  "layer-reset": { replies: { layer: "reset" } },
  "layer-cut": { replies: { layer: (honest) => served(honest, honest.content, { cutAfter: 1000 }) } },
  "layer-other": { replies: { layer: (honest) => served(honest, flipped(honest.content)) } },
  "layer-longer": {
    replies: { layer: (honest) => served(honest, Buffer.concat([honest.content, Buffer.alloc(512)])) },
  },
  "layer-html": { replies: { layer: page(200, "Welcome") } },
  // Content that an engine cannot use.
  "layer-not-tar": {
    image: (name) => servedImage(name, { layer: Buffer.alloc(4096, `no archive ${name} `) }),
  },
  "layer-zstd": {
    image: (name) => {
      const {
        layers: [layer],
      } = servedImage(name);
      const content = layer?.content ?? Buffer.alloc(0);
      return servedImage(name, {
        layer: zstdFrame(content),
        layerType: `${mediaTypes.layer}+zstd`,
        diffId: digestOf(content),
      });
    },
  },
  "layer-unknown-type": { image: imageOf({ layerType: "application/vnd.acme.layer.v1" }) },
  "layers-too-many": { image: imageOf({ depth: 160 }) },
  // Token servers.
  "token-401-json": {
    door: "bearer",
    credentials: "password",
    replies: { token: json(401, { details: "incorrect username or password" }) },
  },
  "token-401-errors": {
    door: "bearer",
    credentials: "password",
    replies: {
      token: registryError(401, "UNAUTHORIZED", "authentication required - incorrect username or password"),
    },
  },
  "token-401-html": { door: "bearer", replies: { token: page(401, "401 Authorization Required") } },
  "token-401-identity": {
    door: "bearer",
    credentials: "identity-token",
    replies: { token: json(401, { details: "incorrect username or password" }) },
  },
  "token-400-identity": {
    door: "bearer",
    credentials: "identity-token",
    replies: { token: json(400, { error: "invalid_grant" }) },
  },
  "token-403-errors": { door: "bearer", replies: { token: registryError(403, "DENIED", "denied") } },
  "token-403-html": {
    door: "bearer",
    credentials: "password",
    replies: { token: page(403, "403 Forbidden") },
  },
  "token-429": { door: "bearer", replies: { token: tooMany } },
  "token-500-json": {
    door: "bearer",
    replies: { token: json(500, { errors: [{ code: "UNKNOWN", message: "no" }] }) },
  },
  "token-503-plain": { door: "bearer", replies: { token: unavailable } },
  "token-reset": { door: "bearer", replies: { token: "reset" } },
  "token-html": { door: "bearer", replies: { token: page(200, "Welcome") } },
  "token-missing": { door: "bearer", replies: { token: json(200, {}) } },
  "token-not-enough": {
    door: "bearer",
    credentials: "password",
    replies: { token: json(200, { token: "a-token", access_token: "a-token", expires_in: 300 }) },
  },
  "token-none-denied": {
    door: "bearer",
    replies: {
      token: json(200, { token: "a-token", access_token: "a-token", expires_in: 300 }),
      manifest: denied,
    },
  },
  // Passwords.
  "basic-without": { door: "basic" },
  "basic-wrong": { door: "basic", credentials: "password" },
  // Connections.
  refused: { door: "refused" },
  "unknown-host": { door: "unknown" },
  reset: { door: "reset" },
  end: { door: "end" },
  silence: { door: "silence" },
  "tls-unknown-authority": { door: "tls" },
};

/** The faults that can also affect a push. */
export const pushFaults: Readonly<Record<string, RegistryFault>> = {
  "upload-401": { replies: { upload: unauthorized } },
  "upload-403": { replies: { upload: denied } },
  "upload-403-html": { replies: { upload: page(403, "403 Forbidden") } },
  "upload-404": {
    replies: { upload: registryError(404, "NAME_UNKNOWN", "repository name not known to registry") },
  },
  "upload-405": { replies: { upload: registryError(405, "UNSUPPORTED", "The operation is unsupported.") } },
  "upload-413": { replies: { upload: page(413, "413 Request Entity Too Large") } },
  "upload-429": { replies: { upload: tooMany } },
  "upload-503": { replies: { upload: unavailable } },
  "upload-reset": { replies: { upload: "reset" } },
  "push-basic-without": { door: "basic" },
  "push-basic-wrong": { door: "basic", credentials: "password" },
  "push-token-401": {
    door: "bearer",
    credentials: "password",
    replies: { token: json(401, { details: "incorrect username or password" }) },
  },
  "push-refused": { door: "refused" },
  "push-unknown-host": { door: "unknown" },
};
