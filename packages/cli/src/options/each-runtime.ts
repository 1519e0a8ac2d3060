import { internal, isImageSourceError, type ErrorCode, type ImageSourceError } from "@molecule/core";

export type Outcome<Image> =
  | { readonly runtime: string; readonly ok: true; readonly image: Image }
  | { readonly runtime: string; readonly ok: false; readonly error: ImageSourceError };

/** Requests all images concurrently. A failure does not stop the others. Keeps argument order and drops duplicates. */
export function eachRuntime<Image>(
  runtimes: readonly string[],
  ask: (runtime: string) => Promise<Image>,
  onSettled: (runtime: string, error?: ImageSourceError) => void,
): Promise<Outcome<Image>[]> {
  return Promise.all(
    [...new Set(runtimes)].map(async (runtime): Promise<Outcome<Image>> => {
      try {
        const image = await ask(runtime);
        onSettled(runtime);
        return { runtime, ok: true, image };
      } catch (reason) {
        const error = isImageSourceError(reason) ? reason : internal(reason);
        onSettled(runtime, error);
        return { runtime, ok: false, error };
      }
    }),
  );
}

export function failureCodes(outcomes: readonly Outcome<unknown>[]): ErrorCode[] {
  return outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.error.code]));
}
