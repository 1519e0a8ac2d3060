import { systemClock } from "../watch/system-clock.js";
import { afterEach } from "@jest/globals";
import { silentLog } from "../contract/edges.js";
import type { ImageProvider } from "../contract/image-provider.js";
import type {
  Call,
  Found,
  ImageSource,
  Missing,
  ProvidedImage,
  ReadyImage,
  Resolution,
} from "../contract/image-source.js";
import { createMask } from "../text/mask.js";
import { defaultPlatform } from "../values/platform.js";
import { allowedRuntimes } from "../values/runtime-name.js";
import { createSpine, type SpineOptions } from "./spine.js";

export const imageId = `sha256:${"a".repeat(64)}`;
export const secret = "hunter2hunter2";

/** A source that records its calls, and whose methods a test can replace. */
export function recordingSource(
  verbs: Partial<ImageSource> = {},
): ImageSource & { calls: string[]; present: boolean } {
  const image = (resolution: Resolution): ReadyImage => {
    const { reference, revision, platform, buildKey } = resolution;
    return { reference, imageId, digest: null, revision, platform, buildKey, engine: null };
  };
  const source = {
    name: "recording",
    calls: [] as string[],
    present: false,
    async resolve(runtime: Resolution["runtime"], call: Call): Promise<Resolution> {
      source.calls.push("resolve");
      return (
        (await verbs.resolve?.(runtime, call)) ?? {
          runtime,
          reference: `example/${runtime}:1`,
          revision: null,
          buildKey: null,
          platform: defaultPlatform,
        }
      );
    },
    async find(resolution: Resolution, call: Call): Promise<Found | Missing> {
      source.calls.push("find");
      if (verbs.find !== undefined) return verbs.find(resolution, call);
      return source.present ? { hit: true, image: image(resolution) } : { hit: false, why: "not there" };
    },
    async provide(resolution: Resolution, found: Found | undefined, call: Call): Promise<ProvidedImage> {
      source.calls.push(found === undefined ? "provide" : "settle");
      const ready = (await verbs.provide?.(resolution, found, call)) ?? image(resolution);
      source.present = true;
      return found === undefined ? { built: true, ...ready } : ready;
    },
  };
  return source;
}

const opened: ImageProvider[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((provider) => provider.close()));
});

export function spine(source: ImageSource, options: Partial<SpineOptions> = {}): ImageProvider {
  const provider = createSpine({
    source,
    selection: { source: source.name, mode: "local", because: "a test" },
    registry: { mode: "local", prefix: "molecule-local" },
    runtimes: allowedRuntimes([], "default"),
    timeoutMs: 10_000,
    mask: createMask([secret]),
    clock: systemClock,
    log: silentLog,
    ...options,
  });
  opened.push(provider);
  return provider;
}

/** Work that ends when the test says so, or when it is aborted. */
export function gate(): {
  open: () => void;
  wait: (signal: AbortSignal) => Promise<void>;
  aborted: () => boolean;
} {
  let open = (): void => undefined;
  let aborted = false;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    open: () => open(),
    aborted: () => aborted,
    wait: (signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener("abort", () => {
          aborted = true;
          reject(signal.reason as Error);
        });
        void opened.then(resolve);
      }),
  };
}
