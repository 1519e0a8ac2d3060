import { expect, test } from "@jest/globals";
import { startFakeEngine } from "@molecule/testkit";
import { findEngine } from "./find-engine.js";

test("a fake engine responds on its socket until it is stopped", async () => {
  const fake = await startFakeEngine((request, response) => {
    response.writeHead(request.url === "/_ping" ? 200 : 500).end("OK");
  });
  expect(await findEngine({ DOCKER_HOST: fake.address })).toBe(fake.address);
  expect(fake.requests).toMatchObject([{ method: "GET", path: "/_ping" }]);
  await fake.stop();
  expect(await findEngine({ DOCKER_HOST: fake.address })).toBeUndefined();
});

test("an engine that returns errors, or has another scheme, is not found", async () => {
  const fake = await startFakeEngine((_request, response) => {
    response.writeHead(500).end();
  });
  expect(await findEngine({ DOCKER_HOST: fake.address })).toBeUndefined();
  expect(await findEngine({ DOCKER_HOST: "ssh://somewhere" })).toBeUndefined();
  await fake.stop();
});
