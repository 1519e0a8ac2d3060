/** A value that is available now, or later. */
export type Awaitable<T> = T | Promise<T>;

/** Does not check the class: a promise may come from another realm. */
export function isPromise<T>(value: T): value is Extract<T, Promise<unknown>> {
  return typeof value === "object" && value !== null && "then" in value;
}

/**
 * Work that yields values one after another, and promises that must settle before it continues: where
 * nothing has to be waited for, it goes on within the call. Ten thousand small files need no promise at all so.
 */
export type Steps<T, Result = void> = Generator<T | Promise<void>, Result, void>;

/** Continues with the value once it is available, or throws what it rejects with. */
export function* answered<T>(answer: Awaitable<T>): Steps<never, T> {
  if (!isPromise(answer)) return answer;
  let outcome: (() => T) | undefined;
  yield (answer as Promise<T>).then(
    (value) => {
      outcome = () => value;
    },
    (error: unknown) => {
      outcome = () => {
        throw error;
      };
    },
  );
  if (outcome === undefined) throw new TypeError("these steps went on before what they wait for was over");
  return outcome();
}

/** The values; given up, the steps are too. */
export async function* valuesOf<T>(steps: Steps<T>): AsyncGenerator<T> {
  for (const step of steps) {
    if (isPromise(step)) await step;
    else yield step;
  }
}

/** The result of steps that yield nothing. */
export async function resultOf<Result>(steps: Steps<never, Result>): Promise<Result> {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    await value;
  }
}
