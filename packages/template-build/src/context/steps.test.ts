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

test("what is there at once is gone on with in the same call", () => {
  expect([...sum(1, 2)]).toEqual(["so far 1", "so far 3"]);
});

test("what comes later is waited for", async () => {
  const values: string[] = [];
  for await (const value of valuesOf(
    sum(1, Promise.resolve(2), Promise.resolve(3)) as unknown as Steps<string>,
  ))
    values.push(value);
  expect(values).toEqual(["so far 1", "so far 3", "so far 6"]);
});

test("what fails later is thrown where it is waited for", async () => {
  function* caught(): Steps<unknown> {
    try {
      yield* answered(Promise.reject(new Error("no answer")));
    } catch (error) {
      yield error;
    }
  }
  expect((await valuesOf(caught()).next()).value).toEqual(new Error("no answer"));
});

test("who does not wait is told", () => {
  const steps = sum(Promise.resolve(1));
  steps.next();
  expect(() => steps.next()).toThrow(TypeError);
});

test("steps that are given up come to their end", async () => {
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
