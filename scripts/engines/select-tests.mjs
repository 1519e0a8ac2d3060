// Selects the test files that exercise an engine: those with a suite of its kind at the top level.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../pnpm.mjs";

// A suite of BuildKit's builders has no engine of the matrix: the whole run covers it. Within a suite of Docker, it shows that
// this engine loads the images.
const suites = { docker: "describeWithEngine", podman: "describeWithPodman", buildah: "describeWithBuildah" };

/** Many suites of the command use Docker without testing it; one of them covers the whole journey. */
const journey = "packages/cli/src/journeys/journey.engine.test.ts";
const elsewhere = /^(?:packages\/cli|examples|tests)\//;

/** Returns the files for engines of this kind, relative to the root of the checkout. */
export function selectTests(kind) {
  const opening = new RegExp(`^${suites[kind]}\\(`, "m");
  return testFiles().filter((file) => {
    if (kind === "docker" && elsewhere.test(file) && file !== journey) return false;
    return opening.test(readFileSync(join(root, file), "utf8"));
  });
}

function testFiles() {
  const places = ["packages", "plugins"].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => `${folder}/${name}/src`),
  );
  return places.flatMap((place) =>
    readdirSync(join(root, place), { recursive: true })
      .filter((name) => name.endsWith(".test.ts"))
      .map((name) => `${place}/${name}`)
      .sort(),
  );
}
