import type { ChildProcess } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { EventEmitter, setMaxListeners } from "node:events";
import { expect, test } from "@jest/globals";
import { findGit } from "./git-program.js";
import { openGitSession } from "./git-session.js";

test("concurrent runs stay below the number of listeners that Node warns about", async () => {
  const children: ChildProcess[] = [];
  const onProcess = (message: unknown): void => {
    children.push((message as { process: ChildProcess }).process);
  };
  subscribe("child_process", onProcess);
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  try {
    const git = await openGitSession({
      program: findGit(process.env),
      directory: "/",
      environment: {},
      signal,
      onStderr: () => undefined,
    });
    const runs = Array.from({ length: EventEmitter.defaultMaxListeners + 1 }, () => git.run(["version"]));
    for (const output of await Promise.all(runs)) expect(output).toMatch(/^git version /);
  } finally {
    unsubscribe("child_process", onProcess);
  }

  expect(children).toHaveLength(EventEmitter.defaultMaxListeners + 1);
  for (const child of children)
    expect(child.listenerCount("error")).toBeLessThanOrEqual(EventEmitter.defaultMaxListeners);
});
