// Collects engine messages about images that cannot be pulled: each registry fault, on each engine, for each way to pull.
import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { fileURLToPath } from "node:url";
import { pushFaults, registryFaults, startFailingRegistry } from "../../packages/test-fixtures/dist/index.js";
import { buildFaults, runtimeFaults } from "./build-faults.mjs";
import { askBuildah } from "./texts-of-buildah.mjs";
import { askEngine, buildersOf } from "./texts-of-engine.mjs";
import { normalText } from "./normal-text.mjs";

/** Where the messages are stored. */
export const textsFile = fileURLToPath(
  new URL("../../packages/engine/src/texts/engine-texts.json", import.meta.url),
);

/** Engines retry on their own, for more than a minute. */
const patienceMs = 180_000;
const atOnce = 6;

/**
 * Provokes every fault on every engine, and stores the messages in the table of texts. Keeps those of other engines.
 * @param engines `{ name, kind: "docker" | "podman", address, isBroken }` (broken: it cannot run commands), or
 * `{ name, kind: "buildah", command, env }`: the command line before buildah's own arguments, and its environment.
 * Podman and buildah must treat 127.0.0.1 as an insecure registry.
 * @param only names of faults. Default: all.
 * @param file path of the table.
 */
export async function collectTexts(engines, { only, file = textsFile } = {}) {
  const registry = await startFailingRegistry({ tlsAddress: outsideAddress() });
  try {
    const builders = (await Promise.all(engines.map(buildersOf))).flat();
    const collected = await Promise.all(builders.map((engine) => collectOf(engine, registry, only)));
    await keep(file, collected.flat(), builders, only);
  } finally {
    await registry.stop();
  }
}

function faultsOf(engine) {
  const builds = (faults) =>
    engine.ways.includes("from") ? Object.keys(faults).map((fault) => ({ fault, way: "build" })) : [];
  if (engine.isBroken === true) return builds(runtimeFaults);
  const pulls = Object.entries(registryFaults).flatMap(([fault, { credentials }]) =>
    engine.ways
      .filter((way) => way === "pull" || way === "from" || (way !== "push" && isWorthWhile(fault, engine)))
      .map((way) => ({ fault, way, credentials })),
  );
  const pushes = Object.entries(pushFaults).map(([fault, { credentials }]) => ({
    fault,
    way: "push",
    credentials,
  }));
  return [...pulls, ...(engine.ways.includes("push") ? pushes : []), ...builds(buildFaults)];
}

/** Each kind of text once: a COPY --from and a frontend are pulled in the same way as the image of a FROM. */
const ofEachKind = new Set([
  ...[
    "manifest-404-unknown",
    "manifest-403-json",
    "manifest-503-plain",
    "manifest-not-json",
    "index-other-platform",
  ],
  ...[
    "layer-404",
    "layer-cut",
    "layer-other",
    "layer-not-tar",
    "token-401-json",
    "basic-wrong",
    "refused",
    "reset",
  ],
]);

/** Podman and buildah report the same for every COPY --from. */
function isWorthWhile(fault, { explainsCopies }) {
  return explainsCopies ? ofEachKind.has(fault) : fault === "basic-wrong";
}

async function collectOf(engine, registry, only) {
  const todo = faultsOf(engine).filter(({ fault }) => only === undefined || only.includes(fault));
  const rows = [];
  const work = async () => {
    for (let next = todo.shift(); next !== undefined; next = todo.shift()) {
      const name = randomBytes(6).toString("hex");
      const reference = next.way === "build" ? "" : registry.reference(next.fault, name);
      const ask = engine.kind === "buildah" ? askBuildah : askEngine;
      const signal = AbortSignal.timeout(patienceMs);
      const reported = await ask(engine, { ...next, reference, name, signal });
      const text = reported.text === undefined ? undefined : normalText(reported.text, name, engine);
      const step = reported.step === undefined ? undefined : normalText(reported.step, name, engine);
      const output = next.way === "build" ? normalText(reported.output ?? "", name, engine) : undefined;
      rows.push({ fault: next.fault, way: next.way, engine: engine.name, ...reported, text, step, output });
      console.error(`${engine.name} ${next.way} ${next.fault}: ${text ?? reported.outcome}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return rows;
}

/** Engines with the same messages share a row. */
async function keep(file, rows, builders, only) {
  const { engines, texts } = JSON.parse(
    await readFile(file, "utf8").catch(() => '{"engines":{},"texts":[]}'),
  );
  const names = new Set(builders.map(({ name }) => name));
  const isNew = (name, fault) => names.has(name) && (only === undefined || only.includes(fault));
  const old = texts.flatMap(({ engines: those, ...row }) =>
    those.filter((engine) => !isNew(engine, row.fault)).map((engine) => ({ ...row, engine })),
  );
  const merged = new Map();
  for (const { engine, ...row } of [...old, ...rows]) {
    const { fault, way, outcome, status, code, step, text, output } = row;
    const said = { outcome, status, code, step, text, output };
    const key = JSON.stringify({ fault, way, ...said });
    const kept = merged.get(key) ?? { fault, way, engines: [], ...said };
    kept.engines.push(engine);
    merged.set(key, kept);
  }
  const sorted = [...merged.values()]
    .map((row) => ({ ...row, engines: row.engines.sort() }))
    .sort((a, b) => order(a).localeCompare(order(b)));
  for (const { name, version } of builders) engines[name] = version;
  const sortedEngines = Object.fromEntries(Object.entries(engines).sort(([a], [b]) => a.localeCompare(b)));
  await writeFile(file, tableOf(sortedEngines, sorted));
}

/** One line per text, so that diffs are line by line. */
function tableOf(engines, texts) {
  const rows = texts.map((row) => `    ${JSON.stringify(row)}`);
  return `{\n  "engines": ${JSON.stringify(engines)},\n  "texts": [\n${rows.join(",\n")}\n  ]\n}\n`;
}

function order({ fault, way, engines }) {
  const faults = Object.keys({ ...registryFaults, ...pushFaults, ...buildFaults, ...runtimeFaults });
  return `${String(faults.indexOf(fault)).padStart(3, "0")} ${way} ${engines[0]}`;
}

/** An address of this machine that engines do not treat as local; 127.0.0.1 if there is no other. */
function outsideAddress() {
  const found = Object.values(networkInterfaces()).flat();
  return found.find(({ family, internal }) => family === "IPv4" && !internal)?.address;
}
