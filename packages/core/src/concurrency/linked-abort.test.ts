import { getEventListeners } from "node:events";
import { expect, test } from "@jest/globals";
import { linkAbort } from "./linked-abort.js";

test("the signal aborts with its parent, for the same reason", () => {
  const parent = new AbortController();
  const { signal } = linkAbort(parent.signal);
  expect(signal.aborted).toBe(false);
  const reason = new Error("no longer needed");
  parent.abort(reason);
  expect(signal.reason).toBe(reason);
});

test("the signal of an aborted parent is aborted from the start", () => {
  const reason = new Error("no longer needed");
  expect(linkAbort(AbortSignal.abort(reason)).signal.reason).toBe(reason);
});

test("an abort does not reach the parent, and the first reason counts", () => {
  const parent = new AbortController();
  const { signal, abort } = linkAbort(parent.signal);
  const reason = new Error("failed");
  abort(reason);
  expect(parent.signal.aborted).toBe(false);
  parent.abort();
  expect(signal.reason).toBe(reason);
});

test("no listener stays on the parent after `unlink`", () => {
  const parent = new AbortController();
  const { signal, unlink } = linkAbort(parent.signal);
  unlink();
  expect(getEventListeners(parent.signal, "abort")).toEqual([]);
  parent.abort();
  expect(signal.aborted).toBe(false);
});

test("a thousand links to one signal cause no warning", async () => {
  const warnings: Error[] = [];
  const warn = (warning: Error): unknown => warnings.push(warning);
  process.on("warning", warn);
  try {
    const { signal } = new AbortController();
    for (let links = 0; links < 1000; links++) linkAbort(signal);
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off("warning", warn);
  }
  expect(warnings).toEqual([]);
});
