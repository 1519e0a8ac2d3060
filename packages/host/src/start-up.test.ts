import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { temporaryTree, type TemporaryTree } from "@molecule/test-fixtures";

let tree: TemporaryTree;
beforeEach(async () => {
  tree = await temporaryTree({ "home/": "" });
});
afterEach(() => tree.remove());

const watch = `import { register } from "node:module";
register("data:text/javascript," + encodeURIComponent(\`
  import { writeSync } from "node:fs";
  export async function load(url, context, next) { writeSync(2, url + "\\\\n"); return next(url, context); }
\`));`;

const host = new URL("../dist/index.js", import.meta.url).href;

/** Returns the packages that a process loads for a provider whose image exists. */
async function loadedForHit(): Promise<readonly string[]> {
  return loadedBy(
    `import { createImageProvider } from ${JSON.stringify(host)};
      const name = "gitea-local-build";
      const image = { reference: "r:1", imageId: "sha256:" + "a".repeat(64), digest: null, revision: null, platform: "linux/amd64", buildKey: null, engine: null };
      const create = () => ({ name, resolve: async (runtime) => ({ ...image, runtime }), find: async () => ({ hit: true, image }), provide: async () => image });
      const env = { HOME: ${JSON.stringify(tree.path("home"))} };
      const images = await createImageProvider({ cwd: env.HOME, env, plugins: [{ name, apiVersion: 1, modes: ["local"], create }] });
      console.log((await images.ensure("hermes")).reference);
      await images.close();`,
  );
}

/** Returns the packages that a process loads for a module, which must print `r:1`. */
async function loadedBy(main: string): Promise<readonly string[]> {
  const urls = await urlsLoadedBy(main);
  return namesIn(urls, /\/node_modules\/((?:@[^/\s]+\/)?[^/.\s][^/\s]*)\//g);
}

/** Returns the URLs of the modules that a process imports for a module, which must print `r:1`. */
async function urlsLoadedBy(main: string): Promise<string> {
  await tree.write({ "watch.mjs": watch, "main.mjs": main });
  const watched = ["--import", tree.path("watch.mjs"), tree.path("main.mjs")];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, watched, { env: {} });
  expect(stdout).toBe("r:1\n");
  return stderr;
}

function namesIn(urls: string, pattern: RegExp): readonly string[] {
  return [...new Set([...urls.matchAll(pattern)].map(([, name = ""]) => name))];
}

test("importing the package loads neither tsyringe nor any other library that only a provider needs", async () => {
  expect(await loadedBy(`import ${JSON.stringify(host)}; console.log("r:1");`)).toEqual([
    "fastest-levenshtein",
  ]);
});

test("importing the package loads nothing that only a host needs, neither our own packages nor modules of Node", async () => {
  const urls = await urlsLoadedBy(`import ${JSON.stringify(host)}; console.log("r:1");`);
  expect(namesIn(urls, /\/packages\/([^/\s]+)\/dist\//g)).toEqual(["host", "core"]);
  expect(namesIn(urls, /^node:(\S+)$/gm)).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/^(?:child_process|crypto|fs|http|https|net|tls)$/)]),
  );
});

test("loads only small libraries for an existing image without a configuration file", async () => {
  expect([...(await loadedForHit())].sort()).toEqual(["fastest-levenshtein", "reflect-metadata", "tsyringe"]);
});

test("loads the parser and the schema library only for a configuration file", async () => {
  await tree.write({ "home/.moleculerc": "timeout: 1m\n" });
  expect(await loadedForHit()).toEqual(expect.arrayContaining(["cosmiconfig", "valibot"]));
});
