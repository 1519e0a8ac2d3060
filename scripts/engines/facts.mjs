// Runs where an engine's programs are: starts the engine, and sends its distinguishing facts to the parent process.
import { execFileSync } from "node:child_process";
import { request } from "node:http";
import { startPrivateEngine, startPrivatePodman } from "../../packages/test-fixtures/dist/index.js";
import { imageArchive } from "../../packages/testkit/dist/index.js";

const gather = { docker: dockerFacts, podman: podmanFacts, buildah: buildahFacts };
process.send(await gather[process.argv[2]]());
process.disconnect();

async function dockerFacts() {
  const engine = await startPrivateEngine();
  const ask = asking(engine.address);
  const version = await ask("GET", "/version");
  const info = await ask("GET", "/info");
  const { headers } = await ask("GET", "/_ping");
  const isContainerd = JSON.stringify(info.body.DriverStatus).includes("io.containerd.snapshotter");
  const facts = {
    version: `Docker Engine ${version.body.Version}`,
    differences: [
      `API ${version.body.MinAPIVersion} to ${version.body.ApiVersion}`,
      headers["builder-version"] === "2"
        ? "BuildKit by default"
        : "BuildKit, but its docker CLI uses the classic builder by default",
      `${isContainerd ? "containerd image store" : "graph driver"} (${info.body.Driver})`,
      await idMeaning(ask),
    ],
  };
  await engine.stop();
  return facts;
}

async function podmanFacts() {
  const podman = await startPrivatePodman();
  const ask = asking(podman.address);
  const { body } = await ask("GET", "/version");
  const component = body.Components.find(({ Name }) => Name === "Podman Engine");
  const facts = {
    version: `Podman ${component.Version}`,
    differences: [
      `API ${component.Details.APIVersion}, Docker's API ${body.ApiVersion}`,
      await idMeaning(ask),
    ],
  };
  await podman.stop();
  return facts;
}

async function buildahFacts() {
  const [, version, details = ""] = /buildah version (\S+)(?: \((.*)\))?/.exec(
    execFileSync("buildah", ["--version"], { encoding: "utf8" }),
  );
  return { version: `buildah ${version}`, differences: details === "" ? [] : [details] };
}

/** Which data an image's ID is the digest of, determined with an image whose configuration is known. */
async function idMeaning(ask) {
  const tag = "localhost/molecule-facts:1";
  const archive = imageArchive({ files: { file: "content\n" }, tags: [tag] });
  await ask("POST", "/images/load", archive.bytes);
  const { body } = await ask("GET", `/images/${encodeURIComponent(tag)}/json`);
  const id = body.Id.replace(/^(?!sha256:)/, "sha256:");
  return `image IDs are digests of the ${id === archive.imageId ? "configuration" : "manifest or index"}`;
}

function asking(address) {
  const socketPath = address.slice("unix://".length);
  return (method, path, content) =>
    new Promise((resolve, reject) => {
      const sent = request({ socketPath, method, path }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part) => (text += part));
        response.on("end", () => {
          const isJson = /json/.test(response.headers["content-type"] ?? "") && method === "GET";
          resolve({ headers: response.headers, body: isJson ? JSON.parse(text) : text });
        });
        response.on("error", reject);
      });
      sent.on("error", reject);
      if (content !== undefined) sent.setHeader("Content-Type", "application/x-tar");
      sent.end(content);
    });
}
