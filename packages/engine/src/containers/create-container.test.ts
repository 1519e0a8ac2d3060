import { afterEach, expect, test } from "@jest/globals";
import { parsePlatform, type ContainerEngine } from "@molecule/core";
import { startFakeEngine, type FakeEngine } from "@molecule/testkit";
import { engineAt } from "../connection/faulty-engine.test.support.js";

let fake: FakeEngine | undefined;
let engine: ContainerEngine | undefined;
afterEach(async () => {
  await engine?.close();
  await fake?.stop();
});

// Two creations at the same time get either text: on 5.4.2 and 5.8.6, about one in twenty gets the second one.
test.each([
  ["that name is already in use", "CONTAINER_CONFLICT"],
  ["that name is already in use by an external entity", "CONTAINER_CONFLICT"],
  ["that name is already in use by a directory", "CONTAINER_FAILED"],
])("Podman's refusal that ends with %j is %s", async (end, code) => {
  const message = `container create: creating container storage: the container name "ws" is already in use by 0a1b2c. You have to remove that container to be able to reuse that name: ${end}`;
  fake = await startFakeEngine((_request, response) => {
    response.setHeader("server", "Libpod/5.4.2 (linux)");
    response.writeHead(500).end(JSON.stringify({ message, response: 500 }));
  });
  engine = engineAt(fake.address);
  await expect(
    engine.createContainer({
      name: "ws",
      imageId: `sha256:${"a".repeat(64)}`,
      platform: parsePlatform("linux/amd64"),
      env: {},
      args: undefined,
      labels: {},
      autoRemove: false,
    }),
  ).rejects.toMatchObject({ code, message: expect.stringContaining("cannot create container ws") });
});
