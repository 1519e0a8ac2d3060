import { expect, test } from "@jest/globals";
import { awaited, valuesOf, type Awaitable, type Coroutine } from "./coroutine.js";

function* sum(...inputs: Awaitable<number>[]): Coroutine<string, number> {
  let total = 0;
  for (const input of inputs) {
    total += yield* awaited(input);
    yield `so far ${String(total)}`;
  }
  return total;
}

test("continues synchronously if a value is available", () => {
  expect([...sum(1, 2)]).toEqual(["so far 1", "so far 3"]);
});

test("waits for a promise", async () => {
  const values: string[] = [];
  for await (const value of valuesOf(
    sum(1, Promise.resolve(2), Promise.resolve(3)) as unknown as Coroutine<string>,
  ))
    values.push(value);
  expect(values).toEqual(["so far 1", "so far 3", "so far 6"]);
});

test("throws a rejection where the promise is awaited", async () => {
  function* caught(): Coroutine<unknown> {
    try {
      yield* awaited(Promise.reject(new Error("no answer")));
    } catch (error) {
      yield error;
    }
  }
  expect((await valuesOf(caught()).next()).value).toEqual(new Error("no answer"));
});

test("throws for a caller that does not wait", () => {
  const steps = sum(Promise.resolve(1));
  steps.next();
  expect(() => steps.next()).toThrow(TypeError);
});

test("runs the cleanup of an abandoned coroutine", async () => {
  let isClosed = false;
  function* endless(): Coroutine<number> {
    try {
      for (;;) yield 1;
    } finally {
      isClosed = true;
    }
  }
  const values = valuesOf(endless());
  await values.next();
  await values.return(undefined);
  expect(isClosed).toBe(true);
});
