import { EventEmitter, once } from "node:events";
import type { ServerResponse } from "node:http";
import { afterEach, expect, test } from "@jest/globals";
import { buildContextOf, startFakeEngine, type FakeEngine } from "@molecule/testkit";
import { buildRequest, engineAt, failureOf } from "../connection/faulty-engine.test.support.js";

let fake: FakeEngine;
afterEach(() => fake.stop());

test("the session is opened while the build is requested, and a refused session ends the build", async () => {
  const building = new EventEmitter<{ build: [ServerResponse] }>();
  const requested = once(building, "build");
  fake = await startFakeEngine((request, response) => {
    request.resume();
    response.setHeader("builder-version", "2");
    const { pathname } = new URL(request.url ?? "/", "http://engine");
    if (pathname === "/build") building.emit("build", response);
    else if (pathname === "/session")
      void requested.then(() => response.writeHead(500).end('{"message":"no session today"}'));
    else response.end();
  });
  const engine = engineAt(fake.address);
  const hasEnded = requested.then(([response]) => once(response as ServerResponse, "close"));

  const { error } = await failureOf(engine.buildImage(buildRequest()));

  expect(error).toMatchObject({
    code: "BUILD_FAILED",
    message: expect.stringContaining("no session today") as unknown,
  });
  await hasEnded;
  await engine.close();
});

test("the build is requested before the record of its files has been read", async () => {
  const building = new EventEmitter<{ build: [] }>();
  const requested = once(building, "build");
  fake = await startFakeEngine((request, response) => {
    request.resume();
    response.setHeader("builder-version", "2");
    const { pathname } = new URL(request.url ?? "/", "http://engine");
    if (pathname === "/build") building.emit("build");
    else if (pathname === "/session") response.writeHead(500).end('{"message":"no session today"}');
    else response.end();
  });
  const engine = engineAt(fake.address);
  const transferKey = (): Promise<string> => requested.then(() => "key");

  const { error } = await failureOf(
    engine.buildImage(buildRequest({ context: { ...buildContextOf({}), transferKey } })),
  );

  expect(error.message).toContain("no session today");
  await engine.close();
});
