import { assertFiles } from "./assert-files.js";
import { usage } from "./container-error.js";
import { assertOurs } from "./owned-settings.js";
import type { StartRequest } from "./start-request.js";

/** Throws `USAGE` for values that no engine accepts, or that the library sets itself. Contacts nothing. */
export function assertStartRequest(request: StartRequest): void {
  const { name, env = {}, labels = {}, create = {}, files = {} } = request;
  assertImage(request);
  if (name !== undefined && !/^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,127}$/.test(name)) {
    throw usage(
      `${JSON.stringify(name)} is not a container name`,
      "Use 2 to 128 letters, digits, '_', '.' and '-', beginning with a letter or digit.",
    );
  }
  for (const [key, value] of Object.entries(env)) {
    if (key === "" || /[=\0]/.test(key)) {
      throw usage(
        `${JSON.stringify(key)} is not the name of a variable`,
        "Use a name that is not empty and contains no '=' and no NUL character.",
      );
    }
    if (value.includes("\0")) {
      throw usage(`the value of the variable ${key} contains a NUL character`, "Remove it from the value.");
    }
  }
  assertOurs(labels, create);
  assertFiles(files);
}

/** For callers without types. */
function assertImage({ runtime, image }: Partial<Record<"runtime" | "image", unknown>>): void {
  if (image === undefined) {
    if (typeof runtime === "string") return;
    throw usage(
      "the request has no runtime and no image",
      "Pass `runtime`, or a result of `ensure` as `image`.",
    );
  }
  const imageId: unknown = typeof image === "object" && image !== null && "imageId" in image && image.imageId;
  if (typeof imageId === "string" && /^sha256:[0-9a-f]{64}$/.test(imageId)) return;
  throw usage(
    "`image` is not a result of `ensure`",
    "Pass what `ensure` returned, or pass `runtime` instead.",
  );
}
