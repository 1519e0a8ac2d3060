// The import of @molecule/host from the packed packages, as an application installs them, in a new process each time.
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "@molecule/test-fixtures";
import { run } from "../program.mjs";

const names = ["core", "node-edges", "engine", "host"];
const own = ["module", "commonjs"];
const contender = { module: 'import "@molecule/host"', commonjs: 'require("@molecule/host")' };

export const importHost = {
  name: "import",
  title: "Import of `@molecule/host` as a whole process",
  rounds: 31,
  ours: Object.values(contender),
  targets: own.map((type) => ({ of: contender[type], against: "node -e 0", atMost: 2.4 })),
  async contenders(stage) {
    const cwd = await installed(stage);
    const node = (args) => async () =>
      void (await run(process.execPath, args, { cwd, env: stage.env, signal: stage.signal }));
    return [
      { name: "node -e 0", run: node(["-e", "0"]) },
      ...own.map((type) => ({
        name: contender[type],
        run: node([`--input-type=${type}`, "-e", contender[type]]),
      })),
    ];
  },
};

/** Installs the packages into a new project and returns its path. Needs the npm registry. */
async function installed(stage) {
  const { path } = await stage.opened(temporaryDirectory(), (directory) => directory.remove());
  const packed = join(path, "packed");
  const { signal } = stage;
  await run(process.execPath, [join(stage.tree, "scripts", "pack-all.mjs"), packed], { signal });
  await writeFile(join(path, "package.json"), '{ "private": true }\n');
  const isWanted = (file) =>
    names.some((name) => /^molecule-(.+)-\d+\.\d+\.\d+.*\.tgz$/.exec(file)?.[1] === name);
  const tarballs = (await readdir(packed)).filter(isWanted).map((file) => join(packed, file));
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
  await run("npm", ["install", ...flags, ...tarballs], { cwd: path, signal });
  return path;
}
