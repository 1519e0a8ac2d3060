import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import * as runner from "@jest/globals";
import { expect, test } from "@jest/globals";
import { describeWithBuildkit } from "@molecule/test-fixtures";
import { root } from "./docs/documents.js";

/* `npm run fleet`, which measures what docs/operating/fleet.md says, with fewer hosts. */

interface Result {
  readonly name: string;
  readonly failures: readonly string[];
}

describeWithBuildkit(runner, "a fleet that builds into a registry", () => {
  test("builds each commit once, also when its builder is down or killed during the build", async () => {
    const args = [join(root, "scripts/fleet/main.mjs"), "--hosts", "10", "--seconds", "5", "--json"];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const results = JSON.parse(stdout) as readonly Result[];
    expect(results.flatMap(({ failures }) => failures)).toEqual([]);
    const once = { ready: 10, builds: 1, buildsBegun: 1, digests: 1 };
    expect(results).toMatchObject([
      { name: "at the same moment", ...once },
      { name: "spread over 5 s", ...once },
      { name: "their builder is down", ...once },
      { name: "their builder is killed", ...once, buildsBegun: 2 },
    ]);
  }, 600_000);
});
