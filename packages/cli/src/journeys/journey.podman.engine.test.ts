import * as runner from "@jest/globals";
import { afterAll, beforeAll, test } from "@jest/globals";
import { describeWithPodman } from "@molecule/test-fixtures";
import { noEngine, openWorld, type World } from "./command-world.test.support.js";
import { travel } from "./journey.test.support.js";

describeWithPodman(runner, "a user's journey with Podman", (podman) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(noEngine);
    await world.write(".moleculerc", "sources: { local: podman }\n");
  });
  afterAll(() => world.close());

  test("plan, ensure, list, run, refresh, prune and doctor agree", () =>
    travel(world, "podman", { CONTAINER_HOST: podman().address }));
});
