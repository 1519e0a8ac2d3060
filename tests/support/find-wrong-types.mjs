// Prints, as JSON, the problems of the types in each of these tarballs: { file, kind, entrypoint, resolutionKind }.
import { readFile } from "node:fs/promises";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";

const found = [];
for (const file of process.argv.slice(2)) {
  const { types, problems } = await checkPackage(createPackageFromTarballData(await readFile(file)));
  if (types === false) found.push({ file, kind: "NoTypes" });
  else
    found.push(
      ...problems.map(({ kind, entrypoint, resolutionKind }) => ({ file, kind, entrypoint, resolutionKind })),
    );
}
console.log(JSON.stringify(found));
