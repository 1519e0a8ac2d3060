// Packs ten thousand files and sends them to a server that only receives them, measured from the start of the process.
import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { root } from "../../scripts/pnpm.mjs";
import { run } from "../program.mjs";
import { templates } from "../templates.mjs";

const ours = "molecule-image's packer, whole process";
const theirs = "docker build, classic, whole process";

export const packing = {
  name: "packing",
  title: "Packing 10,000 files, from the start of the process to the last byte",
  rounds: 7,
  ours,
  targets: [{ of: ours, against: theirs, atMost: 1 }],
  async contenders(stage, peers) {
    await stage.serve("files-10000");
    const directory = await stage.directory();
    const sha = (await stage.forge.git(templates["files-10000"].runtime, ["rev-parse", "main"])).trim();
    await stage.fetch("files-10000", sha, directory);
    const packer = await bundled(stage.child("pack"), await stage.directory());
    const socketPath = join(stage.home.path, "sink.sock");
    const sink = await stage.opened(startSink(socketPath), ({ stop }) => stop());
    const until = async (working) => {
      const started = performance.now();
      const [, ended] = await Promise.all([working(), sink.next()]);
      return ended - started;
    };
    const env = { ...stage.env, DOCKER_HOST: `unix://${socketPath}`, DOCKER_BUILDKIT: "0" };
    return [
      { name: ours, run: () => until(() => run(process.execPath, [packer, directory, socketPath], { env })) },
      {
        name: theirs,
        missing: peers.docker.missing,
        run: () => until(() => run(peers.docker.file, ["build", "-q", directory], { env })),
      },
    ];
  },
};

/** A single file, like the command, so that resolving workspace modules is not measured. */
async function bundled(pack, directory) {
  const { build } = createRequire(join(root, "package.json"))("esbuild");
  const outfile = join(directory, "pack.mjs");
  const from = { entryPoints: [pack], platform: "node", format: "esm", target: "node20" };
  await build({ ...from, bundle: true, outfile, logLevel: "warning" });
  return outfile;
}

/** Looks like an engine to a classic build, and builds nothing. */
async function startSink(socketPath) {
  let waiting;
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      if (!request.url.includes("/build")) {
        response.writeHead(200, { "api-version": "1.41", "content-type": "text/plain" }).end("OK");
        return;
      }
      waiting?.(performance.now());
      response.writeHead(200, { "content-type": "application/json" });
      response.end('{"aux":{"ID":"sha256:0"}}\n{"stream":"Successfully built 0\\n"}\n');
    });
  });
  server.listen(socketPath);
  await once(server, "listening");
  return {
    /** Resolves when the next context has been received completely. */
    next: () => new Promise((resolve) => (waiting = resolve)),
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
