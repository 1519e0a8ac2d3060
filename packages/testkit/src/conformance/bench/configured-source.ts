import type { ImageSource } from "@molecule/core";
import type { UpstreamHooks } from "./upstream-hooks.js";

export interface ConfiguredSource {
  /** The same object for the whole lifetime. */
  readonly source: ImageSource;
  readonly publish: UpstreamHooks["publish"];
}

/** The source, recreated whenever the upstream's options change, as a host does for a new configuration. */
export async function configuredSource(
  upstream: UpstreamHooks,
  make: (written: unknown) => Promise<ImageSource>,
): Promise<ConfiguredSource> {
  let written = upstream.options();
  let current = await make(written);
  const source = new Proxy({} as ImageSource, {
    has: (_target, name) => name in current,
    get: (_target, name) => {
      const value: unknown = Reflect.get(current, name);
      return typeof value === "function" ? (value.bind(current) as unknown) : value;
    },
  });
  return {
    source,
    async publish(runtime, version) {
      await upstream.publish(runtime, version);
      const next = upstream.options();
      if (next === written) return;
      written = next;
      current = await make(written);
    },
  };
}
