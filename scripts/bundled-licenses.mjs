// The licenses of packages that are part of a bundle: they must accompany the code.
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "./pnpm.mjs";

/**
 * Returns name, version and license text of each package with a file in the bundle; "" if there is none.
 * @param inputs the inputs of esbuild's metafile
 */
export async function bundledLicenses(inputs) {
  const folders = new Set(
    inputs.flatMap((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
  );
  const texts = await Promise.all([...folders].sort().map((folder) => licenseOf(join(root, folder))));
  return texts.join("\n");
}

async function licenseOf(folder) {
  const { name, version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const text = (await fileLike(folder, /^licen[cs]e(?:\.(?:md|txt))?$/i)) ?? (await sectionOfReadme(folder));
  if (text === undefined) throw new Error(`${name}, which is bundled, has no license text`);
  return `${name} ${version} (${license})\n\n${text.trim()}\n`;
}

async function fileLike(folder, pattern) {
  const file = readdirSync(folder).find((name) => pattern.test(name));
  return file === undefined ? undefined : readFile(join(folder, file), "utf8");
}

async function sectionOfReadme(folder) {
  const readme = (await fileLike(folder, /^readme\.md$/i)) ?? "";
  return /^(?:#+ *License|License\n-+)\n([^]*)/m.exec(readme)?.[1];
}
