import {
  ImageSourceError,
  isPlatform,
  oneLine,
  parseImageReference,
  platformParts,
  type EngineCall,
  type ImageInspection,
  type ImageSummary,
  type InspectCall,
  type PlatformParts,
} from "@molecule/core";
import type { EngineConnection } from "../connection/engine-connection.js";
import { engineRefused, EngineRefusal } from "../connection/engine-errors.js";
import { someWorkMs } from "../connection/engine-request.js";
import { imageInspection, imageSummary } from "./image-facts.js";

export async function inspectImage(
  connection: EngineConnection,
  nameOrId: string,
  { signal, platform }: InspectCall,
): Promise<ImageInspection | undefined> {
  const image = await inspection(connection, nameOrId, {}, { signal });
  if (image === undefined || platform === undefined || isPlatform(image, platform)) return image;
  // For an index, the containerd store shows the host's platform, or none, unless another one is requested (API 1.49).
  // Other engines ignore the parameter, or respond that the image is for another platform.
  const query = { platform: JSON.stringify(withoutEmpty(platformParts(platform))) };
  const other = await inspection(connection, image.id, query, { signal });
  if (other === undefined || !isPlatform(other, platform)) return image;
  // The engine cannot find an image by the manifest ID in this response.
  return { ...other, id: image.id };
}

async function inspection(
  connection: EngineConnection,
  nameOrId: string,
  query: Readonly<Record<string, string>>,
  { signal }: EngineCall,
): Promise<ImageInspection | undefined> {
  try {
    return imageInspection(
      await connection.ask({ method: "GET", path: `${imagePath(nameOrId)}/json`, query, signal }),
    );
  } catch (error) {
    if (error instanceof EngineRefusal && error.status === 404) return undefined;
    throw meaning(error, connection, nameOrId);
  }
}

function withoutEmpty({ os, architecture, variant }: PlatformParts): object {
  return { os, architecture, ...(variant === "" ? {} : { variant }) };
}

export async function listImages(
  connection: EngineConnection,
  { labels = [], reference }: { readonly labels?: readonly string[]; readonly reference?: string },
  { signal }: EngineCall,
): Promise<readonly ImageSummary[]> {
  // Measured on Podman 4.3.1: it finds nothing for two labels and rejects an empty list of labels.
  const filters = JSON.stringify({
    ...(labels.length === 0 ? {} : { label: labels.slice(0, 1) }),
    ...(reference === undefined ? {} : { reference: [reference] }),
  });
  try {
    const query = { filters, manifests: "1" };
    const response = await connection.ask({ method: "GET", path: "/images/json", query, signal });
    const listed = Array.isArray(response) ? response.map(imageSummary) : [];
    return listed.filter((image) => labels.every((label) => carries(image, label)));
  } catch (error) {
    throw meaning(error, connection, "images");
  }
}

function carries({ labels }: ImageSummary, wanted: string): boolean {
  const [key = "", ...value] = wanted.split("=");
  return Object.hasOwn(labels, key) && (value.length === 0 || labels[key] === value.join("="));
}

export async function tagImage(
  connection: EngineConnection,
  imageId: string,
  reference: string,
  { signal }: EngineCall,
): Promise<void> {
  const { tag, digest, familiar } = parseImageReference(reference);
  if (tag === null || digest !== null) throw new TypeError(`${reference} must have a tag and no digest`);
  const query = { repo: familiar.slice(0, -(tag.length + 1)), tag };
  try {
    await connection.ask({
      method: "POST",
      path: `${imagePath(imageId)}/tag`,
      query,
      repeatable: true,
      signal,
    });
  } catch (error) {
    throw meaning(error, connection, imageId);
  }
}

export async function removeImage(
  connection: EngineConnection,
  nameOrId: string,
  { signal }: EngineCall,
): Promise<void> {
  try {
    const path = imagePath(nameOrId);
    await connection.ask({ method: "DELETE", path, workMs: someWorkMs, repeatable: true, signal });
  } catch (error) {
    if (error instanceof EngineRefusal && error.status === 404) return;
    throw meaning(error, connection, nameOrId);
  }
}

function imagePath(nameOrId: string): string {
  return `/images/${nameOrId.split("/").map(encodeURIComponent).join("/")}`;
}

function meaning(error: unknown, { address }: EngineConnection, image: string): unknown {
  if (!(error instanceof EngineRefusal)) return error;
  if (error.status !== 409) return engineRefused(address, error);
  return new ImageSourceError({
    code: "CONTAINER_CONFLICT",
    message: `the image ${image} is in use: ${oneLine(error.text)}`,
    hint: "Remove the containers made from it, and its other names, first.",
    cause: error,
  });
}
