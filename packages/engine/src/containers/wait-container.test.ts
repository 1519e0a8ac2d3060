import { afterEach, expect, test } from "@jest/globals";
import type { ContainerEngine } from "@molecule/core";
import { startFakeEngine, type FakeEngine } from "@molecule/testkit";
import { engineAt } from "../connection/faulty-engine.test.support.js";

let fake: FakeEngine | undefined;
let engine: ContainerEngine | undefined;
afterEach(async () => {
  await engine?.close();
  await fake?.stop();
});

/** Fakes a Podman whose wait misses the exit: the response starts but never ends. */
async function missingTheExit(states: readonly (object | undefined)[]): Promise<ContainerEngine> {
  let looks = 0;
  fake = await startFakeEngine((request, response) => {
    response.setHeader("server", "Libpod/4.3.1 (linux)");
    if (request.url?.includes("/wait") === true) {
      response.writeHead(200).flushHeaders();
      return;
    }
    const state = states[Math.min(looks++, states.length - 1)];
    response.writeHead(state === undefined ? 404 : 200).end(JSON.stringify({ State: state, message: "no" }));
  });
  return (engine = engineAt(fake.address));
}

test("notices an exit that Podman does not report", async () => {
  const podman = await missingTheExit([{ Status: "running" }, { Status: "exited", ExitCode: 3 }]);
  expect(await podman.waitContainer("abc")).toEqual({ exitCode: 3 });
});

test("stops waiting for a container that no longer exists", async () => {
  const podman = await missingTheExit([{ Status: "running" }, undefined]);
  await expect(podman.waitContainer("abc")).rejects.toMatchObject({
    code: "ENGINE_UNAVAILABLE",
    message: expect.stringContaining("the container abc is gone"),
  });
});

test("stops polling when the caller aborts", async () => {
  const podman = await missingTheExit([{ Status: "running" }]);
  const caller = new AbortController();
  const waiting = podman.waitContainer("abc", { signal: caller.signal });
  setTimeout(() => {
    caller.abort();
  }, 50);
  await expect(waiting).rejects.toMatchObject({ name: expect.stringMatching(/AbortError|ImageSourceError/) });
});
