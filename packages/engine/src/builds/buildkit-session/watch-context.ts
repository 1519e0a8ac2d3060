import type { BuildContext } from "@molecule/core";

/** A build context without its archive, for a builder that fetches it. */
export type FetchedContext = Omit<BuildContext, "archive">;

/** Returns a context that also reports its errors to `fail`: the engine that fetches it does not pass them on. */
export function watchContext(context: FetchedContext, fail: (error: unknown) => void): FetchedContext {
  async function* withFailureReport<T>(read: () => AsyncIterable<T>): AsyncGenerator<T> {
    try {
      yield* read();
    } catch (error) {
      fail(error);
      throw error;
    }
  }
  const { dockerfile, modifiedAt } = context;
  return {
    dockerfile,
    modifiedAt,
    transferKey: async () => context.transferKey?.(),
    onReceived: () => context.onReceived?.(),
    entries: () => withFailureReport(() => context.entries()),
    open: (file) => withFailureReport(() => context.open(file)),
    readDockerfile: () =>
      context.readDockerfile().catch((error: unknown) => {
        fail(error);
        throw error;
      }),
  };
}
