import { unavailable, tooMany, denied, unauthorized } from "./fault-replies.js";
import { json, page, registryError } from "../registry-reply.js";
import type { RegistryFault } from "./registry-fault.js";

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
  // A tag that exists and is immutable, in the words of ECR (400), Quay (409) and Harbor (412). Others return a plain 403.
  "tag-400-exists": {
    replies: {
      tag: registryError(
        400,
        "TAG_INVALID",
        "The image tag 'v1' already exists in the 'fleet' repository and cannot be overwritten because the repository is immutable.",
      ),
    },
  },
  "tag-403-exists": { replies: { tag: denied } },
  "tag-409-exists": {
    replies: { tag: registryError(409, "TAG_IMMUTABLE", "tag is immutable and cannot be overwritten") },
  },
  "tag-412-exists": {
    replies: {
      tag: registryError(
        412,
        "PRECONDITION",
        "Failed to process request due to 'fleet/hermes:v1' configured as immutable.",
      ),
    },
  },
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
