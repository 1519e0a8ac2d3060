import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { parseCommandLine } from "../../packages/cli/src/command-line/command-line.js";
import { commandLines, type CommandLine } from "./command-lines.js";
import { documents, proseLines, read, root } from "./documents.js";
import { snippets } from "./snippets.js";

/*
 * Every command in the documents is valid: for the command line, for npm, and for the known variables.
 */

const typed = snippets("console", "sh", "bash").flatMap(commandLines);
const of = (program: string): readonly (readonly [string, CommandLine])[] =>
  typed
    .filter((line) => line.program === program)
    .map((line) => [`${line.place}: ${[program, ...line.args].join(" ")}`, line] as const);

describe("molecule-image supports", () => {
  test.each(of("molecule-image"))("%s", (_name, { args }) => {
    expect(parseCommandLine(args, "0.0.0")).toBeDefined();
  });

  test.each(documents.filter((path) => mentioned(read(path)).length > 0))(
    "the commands that %s mentions",
    (path) => {
      const help = parseCommandLine(["--help"], "0.0.0");
      const listed = typeof help === "string" ? help.matchAll(/^ {2}([a-z]+)\b/gm) : [];
      const commands = [...listed].map(([, name = ""]) => name);

      expect(commands).toContain("ensure");
      expect(mentioned(read(path)).filter((name) => !commands.includes(name))).toEqual([]);
    },
  );
});

/** The commands in `molecule-image COMMAND` within prose. */
function mentioned(text: string): readonly string[] {
  const prose = proseLines(text).join("\n");
  return [...prose.matchAll(/`molecule-image ([a-z]+)[^`]*`/g)].map(([, name = ""]) => name);
}

describe("npm and node support", () => {
  const builtIn = ["install", "create", "ci", "audit", "pack"];
  test.each(of("npm"))("%s", (_name, { place, args }) => {
    const [first = "", second = ""] = args.filter((word) => word !== "--prefix");
    const script = first === "run" ? second : first;
    expect([...builtIn, ...scriptsNear(place)]).toContain(script);
  });

  test.each(documents)("the scripts that %s mentions", (path) => {
    const named = [
      ...proseLines(read(path))
        .join("\n")
        .matchAll(/`npm run ([\w:-]+)[^`]*`/g),
    ];
    const scripts = [...scriptsNear(path), ...scriptsNear("package.json")];
    const missing = named.map(([, name = ""]) => name).filter((name) => !scripts.includes(name));
    expect(missing).toEqual([]);
  });

  test.each(of("node"))("%s", (_name, { args }) => {
    const files = args.filter((word) => word.includes("/"));
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
});

/** From the nearest package.json upwards; the skeleton's has another name until it is used. */
function scriptsNear(place: string): readonly string[] {
  let folder = dirname(place);
  for (;;) {
    for (const name of ["package.json", "_package.json"]) {
      const file = join(folder, name);
      if (!existsSync(join(root, file))) continue;
      return Object.keys((JSON.parse(read(file)) as { scripts?: object }).scripts ?? {});
    }
    folder = dirname(folder);
  }
}

test("some code reads the variables that the commands set", () => {
  const known = [...read("docs/operating/configuration.md").matchAll(/^\| `([A-Z_]+)` \|/gm)].map(
    ([, name = ""]) => name,
  );
  const set = typed.flatMap(({ place, variables }) => variables.map((name) => `${place} ${name}`));

  expect(set.length).toBeGreaterThan(0);
  const others = [
    "PORT",
    "SAMPLE_INDEX_TOKEN",
    "MOLECULE_TEST_ENGINE",
    "MOLECULE_TEST_ENGINES",
    "MOLECULE_NO_ENGINE",
  ];
  expect(set.filter((entry) => ![...known, ...others].includes(entry.split(" ")[1] ?? ""))).toEqual([]);
});
