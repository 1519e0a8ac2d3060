// The machine and the programs that were measured.
import { cpus, loadavg, release, totalmem } from "node:os";
import { readFileSync } from "node:fs";
import { ask } from "../scripts/demo/engine-api.mjs";

export async function environment(stage, peers) {
  const engine = JSON.parse(await ask(stage.engine.address, "GET", "/version"));
  const ping = JSON.parse(await ask(stage.engine.address, "GET", "/info"));
  return {
    date: new Date().toISOString().slice(0, 10),
    system: `${systemName()}, Linux ${release()}`,
    processor: `${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown"}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    load: loadavg()
      .map((load) => load.toFixed(1))
      .join(" "),
    node: process.versions.node,
    engine: `Docker Engine ${engine.Version}, API ${engine.ApiVersion}, ${ping.Driver}`,
    peers: Object.entries(peers).map(([name, { version }]) => version ?? `${name}: not installed`),
  };
}

function systemName() {
  try {
    return /^PRETTY_NAME="(.*)"$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? process.platform;
  } catch {
    return process.platform;
  }
}
