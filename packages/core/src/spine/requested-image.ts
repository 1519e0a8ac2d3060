import { assertOptions } from "../values/assert-options.js";
import { configInvalid } from "../errors/error-table.js";
import type { ImageSourceError } from "../errors/errors.js";
import type { EnsureOptions, ImageOptions, RunningWork } from "../contract/image-provider.js";
import { callOptions, type CallOption, type ImageRequest } from "../contract/image-request.js";
import { parseCommitSha } from "../values/commit-sha.js";
import { platformSetting } from "../values/platform-setting.js";
import { tryParse } from "../values/try-parse.js";
import type { Selection } from "../contract/selection.js";

// Node's timers hold 31 bits, about 24 days: anything longer would fire immediately.
const maxTimeoutMs = 2 ** 31 - 1;

/**
 * Returns the image that a caller asks for. Throws `CONFIG_INVALID` for an option that the source does not support, or
 * a value that cannot be used. Contacts nothing.
 */
export function requestedImage(
  options: ImageOptions,
  supported: readonly CallOption[],
  selection: Selection,
): ImageRequest {
  for (const option of callOptions)
    if (options[option] !== undefined && !supported.includes(option))
      throw unsupported(option, supported, selection);
  const { revision, digest, platform } = options;
  return {
    ...(revision === undefined ? {} : { revision: commitOf(revision) }),
    ...(digest === undefined ? {} : { digest: digestOf(digest) }),
    ...(platform === undefined ? {} : { platform: platformSetting(platform) ?? null }),
  };
}

/** Throws `CONFIG_INVALID` for options of the work that cannot be used. */
export function assertWorkOptions(options: EnsureOptions): void {
  assertOptions(options, {
    signal: "signal",
    onProgress: "function",
    plan: "object",
    revision: "string",
    digest: "string",
    platform: "string",
    timeoutMs: "number",
    whenAborted: "any",
  });
  const { timeoutMs, whenAborted } = options;
  const isTime = timeoutMs === undefined || (timeoutMs > 0 && timeoutMs <= maxTimeoutMs);
  if (!isTime)
    throw configInvalid(
      `timeoutMs is ${String(timeoutMs)}, not a number from 1 to ${String(maxTimeoutMs)}`,
      "Pass a number of milliseconds, such as 600000 for ten minutes, or omit timeoutMs.",
    );
  assertRunningWork("whenAborted", whenAborted);
}

/** Throws `CONFIG_INVALID` for a value that does not say what happens to running work. */
export function assertRunningWork(name: string, value: RunningWork | undefined): void {
  if (value === undefined || ["cancel", "finish"].includes(value)) return;
  throw configInvalid(`${name} is ${JSON.stringify(value)}`, `Pass "cancel" or "finish", or omit ${name}.`);
}

function unsupported(
  option: CallOption,
  supported: readonly CallOption[],
  { source, because }: Selection,
): ImageSourceError {
  const others = supported.length === 0 ? "" : `, only ${supported.join(" and ")}`;
  return configInvalid(
    `the source ${source} does not support the option ${option}${others}`,
    `Omit ${option}; ${source} is selected because ${because}.`,
  );
}

function commitOf(revision: string): ImageRequest["revision"] {
  const commit = tryParse(parseCommitSha, revision);
  if (commit !== undefined) return commit;
  throw configInvalid(
    `revision ${JSON.stringify(revision)} is not a commit hash`,
    "Pass the full hash: 40 or 64 lower-case hex digits.",
  );
}

function digestOf(digest: string): string {
  if (/^sha256:[0-9a-f]{64}$/.test(digest)) return digest;
  throw configInvalid(
    `digest ${JSON.stringify(digest)} is not the digest of an image`,
    "Pass sha256: and 64 lower-case hex digits.",
  );
}
