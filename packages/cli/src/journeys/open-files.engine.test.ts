import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { describeWithEngine } from "@molecule/test-fixtures";
import { helloTemplate } from "@molecule/testkit";
import { openWorld, type Answer, type World } from "./command-world.test.support.js";
import { runShell } from "./shell.test.support.js";

describeWithEngine({ describe, test }, "a low open-file limit", ({ address }) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(address);
    // Deep, so that a walk through it holds many directories open.
    const deep = Array.from({ length: 30 }, (_none, index) => `d${String(index)}`).join("/");
    await world.forge.addTemplate("hermes", { ...helloTemplate(), [`${deep}/file`]: "x" });
  });
  afterAll(async () => {
    await world.close();
  });

  // Node itself needs about 18.
  const limits = Array.from({ length: 14 }, (_none, index) => 18 + 3 * index);

  test("reports the open-file limit as a user error, and leaves nothing to clean up", async () => {
    const codes: unknown[] = [];
    for (const limit of limits) {
      const { stdout } = await runShell(world, `ulimit -n ${String(limit)}; "$@"`, [
        "ensure",
        "hermes",
        "--json",
      ]);
      const { results = [], error } = JSON.parse(stdout) as Answer;
      const failure = results[0]?.error ?? error;
      codes.push(failure?.code);
      if (failure !== undefined) {
        expect(failure).toMatchObject({
          code: "STORAGE_UNUSABLE",
          message: expect.stringContaining("too many files open"),
          hint: "Raise the limit on open files (`ulimit -n`), then retry.",
        });
      }
      expect((await world.checkouts("hermes")).filter((name) => name.endsWith(".partial"))).toEqual([]);
    }
    expect(codes).toContain("STORAGE_UNUSABLE");
  });
});
