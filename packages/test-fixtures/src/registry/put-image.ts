import { putManifest, type ImageContent } from "./put-manifest.js";
import { registryUpload, type UploadPlace } from "./registry-upload.js";

/** An image to push to a registry without an engine. */
export interface PutImageRequest extends UploadPlace, ImageContent {
  /** Default: `latest`. */
  readonly tag?: string;
}

/** Pushes a small image for one platform to a registry, without an engine. Returns its reference. */
export async function putImage({ tag = "latest", ...request }: PutImageRequest): Promise<string> {
  await putManifest(registryUpload(request), request, tag);
  return `${request.host}/${request.repository}:${tag}`;
}
