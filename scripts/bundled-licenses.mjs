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
  const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const { name, version, license } = manifest;
  const text = (await fileLike(folder, /^licen[cs]e(?:\.(?:md|txt))?$/i)) ?? (await sectionOfReadme(folder));
  return `${name} ${version} (${license})\n\n${(text ?? withoutText(manifest)).trim()}\n`;
}

/** Some small packages name a license in their manifest and include no text. */
function withoutText({ name, license, author }) {
  if (license === undefined) throw new Error(`${name}, which is bundled, has no license`);
  const by = typeof author === "object" ? author.name : author;
  return `The package contains no license text.${by === undefined ? "" : ` Author: ${by}.`}`;
}

async function fileLike(folder, pattern) {
  const file = readdirSync(folder).find((name) => pattern.test(name));
  return file === undefined ? undefined : readFile(join(folder, file), "utf8");
}

async function sectionOfReadme(folder) {
  const readme = (await fileLike(folder, /^readme\.md$/i)) ?? "";
  return /^(?:#+ *License|License\n-+)\n([^]*)/m.exec(readme)?.[1];
}
