/** A value that is available now or later. */
export type Awaitable<T> = T | Promise<T>;

/** Checks for `then` rather than for the class, because a promise may come from another realm. */
export function isPromise<T>(value: T): value is Extract<T, Promise<unknown>> {
  return typeof value === "object" && value !== null && "then" in value;
}

/**
 * Work that yields values, and promises that must settle before it continues. It runs synchronously where it has nothing
 * to wait for, so that ten thousand small files need not a single promise.
 */
export type Coroutine<T, Result = void> = Generator<T | Promise<void>, Result, void>;

/** Returns the value once it is available, or throws the rejection. Use with `yield*`. */
export function* awaited<T>(promise: Awaitable<T>): Coroutine<never, T> {
  if (!isPromise(promise)) return promise;
  let outcome: (() => T) | undefined;
  yield (promise as Promise<T>).then(
    (value) => {
      outcome = () => value;
    },
    (error: unknown) => {
      outcome = () => {
        throw error;
      };
    },
  );
  if (outcome === undefined) throw new TypeError("the coroutine was resumed before its promise settled");
  return outcome();
}

/** Yields the values. If the caller stops early, so does the coroutine. */
export async function* valuesOf<T>(steps: Coroutine<T>): AsyncGenerator<T> {
  for (const step of steps) {
    if (isPromise(step)) await step;
    else yield step;
  }
}

/** Returns the result of a coroutine that yields no values. */
export async function resultOf<Result>(steps: Coroutine<never, Result>): Promise<Result> {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    await value;
  }
}
