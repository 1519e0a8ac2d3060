// Packs every public package into artifacts/*.tgz, or another directory; together they install in an empty npm project.
import { readdirSync, rmSync, mkdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { pnpm, root } from "./pnpm.mjs";
import { publicPackages } from "./public-packages.mjs";

const artifacts = resolve(process.argv[2] ?? join(root, "artifacts"));
rmSync(artifacts, { recursive: true, force: true });
mkdirSync(artifacts, { recursive: true });
for (const { directory } of publicPackages()) {
  pnpm(["pack", "--pack-destination", artifacts], { cwd: directory, stdio: ["ignore", "ignore", "inherit"] });
}
for (const file of readdirSync(artifacts).sort()) console.log(`${basename(artifacts)}/${file}`);
