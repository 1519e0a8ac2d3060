import { afterAll, beforeAll, describe, test } from "@jest/globals";
import { describeWithEngine } from "@molecule/test-fixtures";
import { openWorld, type World } from "./command-world.test.support.js";
import { travel } from "./journey.test.support.js";

describeWithEngine({ describe, test }, "a user's journey with Docker", ({ address }) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(address);
  });
  afterAll(() => world.close());

  test("plan, ensure, list, run, refresh, prune and doctor agree", () => travel(world, "docker"));
});
