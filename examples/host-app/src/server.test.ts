import "reflect-metadata";
import { expect, test } from "@jest/globals";
import { ImageSourceError, tokens } from "@molecule/core";
import type { Provisioner } from "@molecule/provisioner";
import { container as root } from "tsyringe";
import { createServer } from "./server.js";
import { provisionerToken } from "./workspaces.js";

/** Returns the server over a provisioner that cannot remove containers while the engine is down. */
function serverWith(engine: { isDown: boolean }) {
  const started = {
    id: "c1",
    name: "one",
    image: { reference: "r:1", imageId: "sha256:1", cached: true },
    exited: new Promise(() => undefined),
  };
  const down = new ImageSourceError({
    code: "ENGINE_UNAVAILABLE",
    message: "the engine is down",
    hint: "Start it.",
  });
  const provisioner = {
    start: async () => started,
    remove: async () => {
      if (engine.isDown) throw down;
    },
  } as unknown as Provisioner;
  let closed = 0;
  const images = {
    selection: {},
    settings: { runtimes: new Set() },
    close: async () => {
      closed++;
    },
  };
  const container = root.createChildContainer();
  container.register(provisionerToken, { useValue: provisioner });
  container.register(tokens.engine, { useValue: {} });
  container.register(tokens.imageProvider, { useValue: images });
  return { server: createServer({ container, images: images as never }), closed: () => closed };
}

async function post(url: string): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return fetch(`${url}/workspaces`, { method: "POST", headers, body: '{"runtime":"hermes"}' });
}

test("reports a failed removal with a hint, and allows a retry", async () => {
  const engine = { isDown: true };
  const { server } = serverWith(engine);
  const url = await server.listen({ host: "127.0.0.1", port: 0 });
  const created = await post(url);
  const workspace = `${url}${String(created.headers.get("location"))}`;
  expect([created.status, await created.json()]).toMatchObject([202, { state: "preparing" }]);

  const refused = await fetch(workspace, { method: "DELETE" });
  expect([refused.status, await refused.json()]).toMatchObject([
    503,
    { error: { code: "ENGINE_UNAVAILABLE", hint: "Start it." } },
  ]);
  expect(await (await fetch(workspace)).json()).toMatchObject({ state: "running" });
  engine.isDown = false;
  expect((await fetch(workspace, { method: "DELETE" })).status).toBe(204);
  await server.close();
});

test("retries only a workspace that has failed", async () => {
  const { server } = serverWith({ isDown: false });
  const url = await server.listen({ host: "127.0.0.1", port: 0 });
  const created = await post(url);
  const retry = (location: string) => fetch(`${url}${location}/retry`, { method: "POST" });
  expect((await retry(String(created.headers.get("location")))).status).toBe(409);
  expect((await retry("/workspaces/none")).status).toBe(404);
  await server.close();
});

test("closes the provider even if a workspace cannot be removed", async () => {
  const { server, closed } = serverWith({ isDown: true });
  await post(await server.listen({ host: "127.0.0.1", port: 0 }));
  await server.close();
  expect(closed()).toBe(1);
});
