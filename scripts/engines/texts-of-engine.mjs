// Collects the messages that an engine sends over its socket.
import { Readable } from "node:stream";
import { EngineRefusal } from "../../packages/engine/dist/connection/engine-errors.js";
import { connectEngine } from "../../packages/engine/dist/connection/engine-connection.js";
import { describeEngine } from "../../packages/engine/dist/connection/describe-engine.js";
import { emptyAuth, registryAuth } from "../../packages/engine/dist/credentials/registry-auth.js";
import { readBuildLog } from "../../packages/engine/dist/builds/build-log.js";
import { openBuild } from "../../packages/engine/dist/builds/open-build.js";
import { readMessages, StreamFailure } from "../../packages/engine/dist/connection/message-stream.js";
import { findEngineEndpoint } from "../../packages/engine/dist/index.js";
import { buildContextOf, imageArchive } from "../../packages/testkit/dist/index.js";
import { buildFaults, buildFiles, runtimeFaults } from "./build-faults.mjs";
import { describeBuildah } from "./texts-of-buildah.mjs";

/** An engine once for each builder that its users encounter, with its version. */
export async function buildersOf(engine) {
  if (engine.kind === "buildah") return [await describeBuildah(engine)];
  const endpoint = await findEngineEndpoint({ env: { DOCKER_HOST: engine.address }, home: "/nonexistent" });
  const connection = await connectEngine(endpoint);
  const { kind, version } = await describeEngine(connection, {});
  const found = {
    ...engine,
    connection,
    version,
    ways: ["pull", "from", "copy", "push"],
    explainsCopies: true,
  };
  if (kind === "podman") return [{ ...found, builder: "classic", explainsCopies: false }];
  const buildkit = { ...found, builder: "buildkit", ways: ["pull", "from", "copy", "syntax", "push"] };
  if (Number.parseInt(version, 10) >= 23) return [buildkit];
  return [
    { ...found, name: `${engine.name}-classic`, builder: "classic" },
    { ...buildkit, name: `${engine.name}-buildkit`, ways: ["from", "copy", "syntax"] },
  ];
}

const credentialsOf = {
  password: { username: "somebody", password: "not-the-password", from: "this script" },
  "identity-token": { identityToken: "not-an-identity-token", from: "this script" },
};

export async function askEngine(engine, { fault, way, reference, name, credentials, signal }) {
  const credential = credentialsOf[credentials];
  let built = {};
  try {
    if (way === "pull") await pull(engine, reference, credential, signal);
    else if (way === "push") await push(engine, reference, name, credential, signal);
    else {
      const dockerfile =
        way === "build" ? { ...buildFaults, ...runtimeFaults }[fault] : dockerfileOf(way, reference);
      const registries = way === "build" ? [] : [registryOf(reference)];
      const target = fault === "target-unknown" ? "nosuchstage" : undefined;
      await build(engine, { dockerfile, registries, target }, credential, signal, (found) => (built = found));
    }
    return { outcome: "success" };
  } catch (error) {
    const { text, status = 200, code } = error;
    if (isFetched(way, text)) return { outcome: "success" };
    if (error instanceof StreamFailure)
      return { outcome: "failure", status, ...built, code: code || undefined, text };
    if (error instanceof EngineRefusal) return { outcome: "failure", status, ...built, text };
    if (signal.aborted) return { outcome: "no end" };
    // A daemon that panics during a build drops the connection.
    if (error.cause?.code === "ECONNRESET") return { outcome: "broken connection", ...built };
    throw error;
  }
}

/** The image existed, but the rest of the build could not use it. */
function isFetched(way, text = "") {
  return way === "syntax"
    ? /exit code: \d+$/.test(text)
    : way === "copy" && /\/x0"?: (?:no such file|not found)/.test(text);
}

export function dockerfileOf(way, reference) {
  if (way === "from") return `FROM ${reference}\nCOPY x /x\n`;
  if (way === "copy") return `FROM scratch\nCOPY --from=${reference} /x0 /x\n`;
  return `# syntax=${reference}\nFROM scratch\nCOPY x /x\n`;
}

function registryOf(reference) {
  return reference.slice(0, reference.indexOf("/"));
}

async function pull({ connection }, reference, credential, signal) {
  const [, name, tag] = /^([^@]+?)(?::(v1)|@(sha256:.*))$/
    .exec(reference)
    .filter((part) => part !== undefined);
  const answer = await connection.open({
    method: "POST",
    path: "/images/create",
    query: { fromImage: name, tag, platform: "linux/amd64" },
    headers: registryAuth({ registry: registryOf(reference), credential }),
    signal,
  });
  for await (const message of readMessages(answer, connection.address)) void message;
}

async function push({ connection }, reference, name, credential, signal) {
  const archive = imageArchive({ files: { x: name }, tags: [reference] });
  const loading = await connection.open({
    method: "POST",
    path: "/images/load",
    headers: { "content-type": "application/x-tar" },
    stream: Readable.from([archive.bytes]),
    signal,
  });
  for await (const message of readMessages(loading, connection.address)) void message;
  const path = `/images/${reference.replace(/:v1$/, "")}/push`;
  const headers = { ...emptyAuth, ...registryAuth({ registry: registryOf(reference), credential }) };
  const answer = await connection.open({ method: "POST", path, query: { tag: "v1" }, headers, signal });
  for await (const message of readMessages(answer, connection.address)) void message;
}

async function build(engine, { dockerfile, registries, target }, credential, signal, onEnd) {
  const { connection, builder } = engine;
  const report = { output: () => undefined, amount: () => undefined, quiet: () => undefined };
  const request = {
    context: buildContextOf({ Dockerfile: dockerfile, ...buildFiles }),
    platform: "linux/amd64",
    labels: {},
    target,
    buildArgs: {},
    noCache: false,
    pullBases: false,
    baseRegistries: registries,
    report,
  };
  const broken = new AbortController();
  const options = {
    credential: async () => credential,
    fail: (error) => broken.abort(error),
    signal: AbortSignal.any([signal, broken.signal]),
  };
  const buildLog = readBuildLog(report);
  const opened = await openBuild(connection, request, builder, options);
  try {
    for await (const message of readMessages(opened.response, connection.address)) buildLog.take(message);
  } finally {
    buildLog.end();
    onEnd({ step: buildLog.step, output: buildLog.tail.split("\n").slice(-4).join("\n") });
    opened.close();
  }
}
