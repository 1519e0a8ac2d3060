// Stores V8's code cache for the command next to its bundle: runs `plan` once, against a forge and an engine that
// send minimal responses, and saves the compiled code.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./pnpm.mjs";

const starter = join(root, "packages", "cli", "bin", "molecule-image");
const home = mkdtempSync(join(tmpdir(), "molecule-compile-"));
const socketPath = join(home, "engine.sock");

const listening = (server, where) => new Promise((resolve) => server.listen(where, resolve));
const forge = createServer((_request, response) => {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ name: "main", commit: { id: "1".repeat(40) } }));
});
const engine = createServer((_request, response) => {
  response.writeHead(404, { "content-type": "application/json", server: "Docker/0 (linux)" });
  response.end('{"message":"No such image"}');
});
await listening(forge, { host: "127.0.0.1", port: 0 });
await listening(engine, { path: socketPath });

process.env = {
  PATH: process.env.PATH,
  HOME: home,
  DOCKER_HOST: `unix://${socketPath}`,
  MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX: `http://127.0.0.1:${forge.address().port}/any/template-`,
};
process.chdir(home);
process.argv = [process.execPath, starter, "plan", "hermes", "--progress", "none"];
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
