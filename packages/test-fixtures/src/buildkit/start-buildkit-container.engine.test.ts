import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as runner from "@jest/globals";
import { afterEach, expect, test } from "@jest/globals";
import { findProgram, programPath, runProgram, temporaryDirectory } from "@molecule/testkit/internal";
import { describeWithEngine } from "../engine/describe-with-engine.js";
import { describeWithBuildkit } from "./describe-with-buildkit.js";
import { startBuildkitContainer } from "./start-buildkit-container.js";

describeWithEngine(runner, "a builder in a container", ({ address }) => {
  describeWithBuildkit(runner, "that does not start", () => {
    const path = process.env["PATH"];
    afterEach(() => {
      process.env["PATH"] = path;
    });

    test("leaves neither its container nor its image", async () => {
      const docker = await findProgram("docker", "docker.io");
      const listed = async (...args: readonly string[]): Promise<string> =>
        runProgram(docker, args, { env: { PATH: programPath(), DOCKER_HOST: address } });
      const place = await temporaryDirectory();
      try {
        // `docker run --detach --name NAME` creates the container and does not start it.
        const script = `#!/bin/sh
if [ "$1" = run ]; then
  printf %s "$4" > '${place.path}/name'
  shift 2
  '${docker}' create "$@"
  echo 'cannot start' >&2
  exit 125
fi
exec '${docker}' "$@"
`;
        await writeFile(join(place.path, "docker"), script, { mode: 0o755 });
        process.env["PATH"] = `${place.path}:${path ?? ""}`;
        await expect(startBuildkitContainer({ address })).rejects.toThrow("cannot start");
        const name = await readFile(join(place.path, "name"), "utf8");
        expect(name).toMatch(/^buildkit-/);
        expect(await listed("ps", "--all", "--quiet", "--filter", `name=${name}`)).toBe("");
        expect(await listed("images", "--quiet", name)).toBe("");
      } finally {
        await place.remove();
      }
    });
  });
});
