// Stores V8's code cache for the command next to its bundle: runs `ensure` for an image that exists, against a forge
// and an engine that send minimal responses, and saves the compiled code.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "./pnpm.mjs";

const starter = join(root, "packages", "cli", "bin", "molecule-image");
const home = mkdtempSync(join(tmpdir(), "molecule-compile-"));
const socketPath = join(home, "engine.sock");
const commit = "1".repeat(40);
/** The only image of the engine, in the form of its API. */
let image;

const listening = (server, where) => new Promise((resolve) => server.listen(where, resolve));
const forge = createServer((_request, response) => {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ name: "main", commit: { id: commit } }));
});
const engine = createServer((_request, response) => {
  const headers = { "content-type": "application/json", server: "Docker/0 (linux)" };
  response.writeHead(image === undefined ? 404 : 200, headers);
  response.end(JSON.stringify(image ?? { message: "No such image" }));
});
await listening(forge, { host: "127.0.0.1", port: 0 });
await listening(engine, { path: socketPath });

const prefix = `http://127.0.0.1:${forge.address().port}/any/template-`;
const env = {
  PATH: process.env.PATH,
  HOME: home,
  DOCKER_HOST: `unix://${socketPath}`,
  MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX: prefix,
};
image = await plannedImage();

process.env = env;
process.chdir(home);
process.argv = [process.execPath, starter, "ensure", "hermes", "--progress", "none"];
process.stdout.write = (_text, ...rest) => {
  rest.find((argument) => typeof argument === "function")?.();
  return true;
};
const { start } = createRequire(starter)("./start.cjs");
const script = start();
// The command exits the process itself.
process.on("exit", (status) => {
  rmSync(home, { recursive: true, force: true });
  if (status === 0)
    writeFileSync(join(root, "packages", "cli", "bundle", "main.cjs.compiled"), script.createCachedData());
});

/** Returns the image that `ensure` looks for, by the plan of the command. */
async function plannedImage() {
  const args = [starter, "plan", "hermes", "--json"];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, cwd: home });
  const [{ image: planned }] = JSON.parse(stdout).results;
  const [Os, Architecture, Variant] = planned.platform.split("/");
  return {
    Id: `sha256:${"2".repeat(64)}`,
    RepoTags: [planned.reference],
    Config: {
      Labels: {
        "org.opencontainers.image.revision": commit,
        "org.opencontainers.image.source": `${prefix}hermes`,
        "molecule.image.runtime": "hermes",
        "molecule.image.build-key": planned.buildKey,
      },
    },
    Os,
    Architecture,
    Variant,
  };
}
