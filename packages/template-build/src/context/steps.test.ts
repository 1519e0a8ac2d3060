import { expect, test } from "@jest/globals";
import { answered, valuesOf, type Awaitable, type Steps } from "./steps.js";

function* sum(...answers: Awaitable<number>[]): Steps<string, number> {
  let total = 0;
  for (const answer of answers) {
    total += yield* answered(answer);
    yield `so far ${String(total)}`;
  }
  return total;
}

test("continues in the same call if a value is available", () => {
  expect([...sum(1, 2)]).toEqual(["so far 1", "so far 3"]);
});

test("waits for a promise", async () => {
  const values: string[] = [];
  for await (const value of valuesOf(
    sum(1, Promise.resolve(2), Promise.resolve(3)) as unknown as Steps<string>,
  ))
    values.push(value);
  expect(values).toEqual(["so far 1", "so far 3", "so far 6"]);
});

test("throws a rejection where the promise is awaited", async () => {
  function* caught(): Steps<unknown> {
    try {
      yield* answered(Promise.reject(new Error("no answer")));
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

test("runs the clean-up of abandoned steps", async () => {
  let isClosed = false;
  function* endless(): Steps<number> {
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
