// Writes the table in docs/operating/engines.md, from a run of the whole matrix.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../pnpm.mjs";
import { machineFacts } from "./probe.mjs";
import { outcome } from "./report.mjs";

const file = join(root, "docs", "operating", "engines.md");
const begin = "<!-- engines: written by a run of the matrix -->";
const end = "<!-- end of engines -->";

export async function writeDocument(results) {
  const rows = [];
  for (const kind of ["docker", "podman", "buildah"]) {
    const facts = await machineFacts(kind);
    if (facts !== undefined) rows.push([...cells(facts), machineTitle(), "the whole suite, in `npm test`"]);
    for (const result of results.filter(({ engine }) => engine.kind === kind)) {
      const [version, differences] = result.facts === undefined ? ["not run", ""] : cells(result.facts);
      rows.push([
        version,
        differences,
        `${result.engine.from.title}, \`${result.engine.name}\``,
        outcome(result),
      ]);
    }
  }
  const table = [
    "| engine | what differs | from | tests |",
    "|---|---|---|---|",
    ...rows.map((row) => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`),
  ];
  const date = new Date().toISOString().slice(0, 10);
  const document = readFileSync(file, "utf8");
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`${file} lacks ${begin} before ${end}`);
  const text = `${begin}\n\nRun on ${date}.\n\n${table.join("\n")}\n\n`;
  writeFileSync(file, `${document.slice(0, from)}${text}${document.slice(to)}`);
  console.error(`Wrote ${file}.`);
}

/** For example, `Debian 12`. */
function machineTitle() {
  const release = readFileSync("/etc/os-release", "utf8");
  const [, system = ""] = /^NAME="?(\w+)/m.exec(release) ?? [];
  const [, version = ""] = /^VERSION_ID="?([\w.]+)/m.exec(release) ?? [];
  return `${system} ${version}`.trim();
}

const cells = ({ version, differences }) => [version, differences.join("; ")];
