import {
  imageOf,
  served,
  flipped,
  unavailable,
  tooMany,
  denied,
  unauthorized,
  blobUnknown,
} from "./fault-replies.js";
import { page, registryError } from "../registry-reply.js";
import { digestOf, mediaTypes, servedImage } from "./served-image.js";
import { zstdFrame } from "./zstd-frame.js";
import type { RegistryFault } from "./registry-fault.js";

/** Faults of what a manifest lists: the configuration and the layers. */
export const blobFaults: Readonly<Record<string, RegistryFault>> = {
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
};
