import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { strangerProject, type StrangerProject } from "./stranger-project.js";

let project: StrangerProject;
beforeEach(async () => {
  project = await strangerProject();
});
afterEach(() => project.remove());

test("an npm registry that cannot be reached is named as the reason", async () => {
  await project.write(".npmrc", "registry=http://127.0.0.1:9/\nfetch-retries=0\n");
  await expect(project.install({ dependencies: { "molecule-no-such-package": "1.0.0" } })).rejects.toThrow(
    /^the npm registry cannot be reached/,
  );
});
