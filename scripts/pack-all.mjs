// Writes every public package as artifacts/*.tgz, installable together in an empty npm project.
import { readdirSync, readFileSync, rmSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { pnpm, root } from "./pnpm.mjs";

const artifacts = join(root, "artifacts");
rmSync(artifacts, { recursive: true, force: true });
mkdirSync(artifacts);
for (const folder of ["packages", "plugins"]) {
  for (const name of readdirSync(join(root, folder))) {
    const directory = join(root, folder, name);
    const manifest = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
    if (manifest.private) continue;
    pnpm(["pack", "--pack-destination", artifacts], {
      cwd: directory,
      stdio: ["ignore", "ignore", "inherit"],
    });
  }
}
for (const file of readdirSync(artifacts).sort()) console.log(`artifacts/${file}`);
