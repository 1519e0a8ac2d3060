// npm run forge [-- --port P]: serves the sample templates as a Gitea forge does, until Ctrl-C.
import { join } from "node:path";
import { startForge } from "../../packages/testkit/dist/index.js";
import { root } from "../pnpm.mjs";
import { commitFolder } from "./committed-folder.mjs";
import { readPort, usage } from "./read-port.mjs";
import { needsNoNetwork, sampleFolders } from "./sample-templates.mjs";

// Listens from the start, and for more than one signal: a second Ctrl-C must not leave the repositories behind.
const stopped = new Promise((resolve) => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, resolve);
  process.stdout.on("error", resolve);
});

function giveUp(status, lines) {
  for (const line of lines) console.error(`forge: ${line}`);
  process.exit(status);
}

const port = portOrGiveUp();
const forge = await startForge(port === undefined ? {} : { port }).catch((error) =>
  giveUp(4, [whyNotStarted(error), ...(error.hint === undefined ? [] : [error.hint])]),
);
try {
  const templates = [];
  for (const [runtime, folder] of Object.entries(sampleFolders))
    templates.push(await commitFolder(forge, runtime, folder));
  serveChanges(templates);
  report(templates);
  await stopped;
} finally {
  await forge.stop();
}

function portOrGiveUp() {
  try {
    return readPort(process.argv.slice(2));
  } catch (error) {
    return giveUp(2, [error.message, `usage: ${usage}`]);
  }
}

function whyNotStarted({ code, message }) {
  const where = `cannot listen on 127.0.0.1:${port}`;
  if (code === "EADDRINUSE")
    return `${where}: the port is in use; choose another one, or omit --port to get a free one`;
  if (code === "EACCES") return `${where}: permission denied; choose a port above 1023`;
  return message;
}

/** Requests ask for the current commit, so that is when changes on the disk must be committed. */
function serveChanges(templates) {
  forge.fault(/./, async () => {
    for (const { runtime, path, commitChanges } of templates) {
      const commit = await commitChanges().catch((error) =>
        console.error(`forge: cannot read ${path}, serving its last commit: ${error.message}`),
      );
      if (commit !== undefined) console.log(`${runtime}: committed the changes in ${path}: ${short(commit)}`);
    }
    // The forge itself handles the request.
    return false;
  });
}

function report(templates) {
  const row = (runtime, path, commit) => `  ${runtime.padEnd(11)}${path.padEnd(35)}${commit}`;
  const lines = [
    `Serving the sample templates at ${forge.baseUrl}:`,
    "",
    row("runtime", "folder", "commit"),
    ...templates.map(({ runtime, path, commit }) => row(runtime, path, short(commit))),
    "",
    "To use them, paste this into another terminal:",
    "",
    `export PATH=${quoted(join(root, "packages", "cli", "bin"))}:"$PATH"`,
    `export MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX=${forge.repoPrefix()}`,
    // busybox is this machine's.
    ...(process.arch === "x64" ? [] : ["export MOLECULE_IMAGE_PLATFORM=native"]),
    "unset MOLECULE_IMAGE_REGISTRY MOLECULE_GITEA_TOKEN",
    "",
    "Then run: molecule-image ensure hermes",
    "",
    ...(needsNoNetwork()
      ? []
      : ["No static busybox was found: the engine pulls busybox:stable for the samples.", ""]),
    "Changes in these folders are committed when their templates are looked up. Press Ctrl-C to stop.",
  ];
  console.log(lines.join("\n"));
}

function short(commit) {
  return commit.slice(0, 12);
}

function quoted(path) {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
