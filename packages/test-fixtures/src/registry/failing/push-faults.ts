import { unavailable, tooMany, denied, unauthorized } from "./fault-replies.js";
import { json, page, registryError } from "./registry-reply.js";
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
