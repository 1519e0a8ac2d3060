import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { read, root } from "./documents.js";
import { readDrawing, type Box } from "./drawing.js";

/*
 * docs/internals/architecture.md shows the actual rooms and arrows: those of package.json.
 */

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly files?: readonly string[];
}

const document = read("docs/internals/architecture.md");
const roomOf = (packageName: string): string => packageName.replace("@molecule/", "");

/** The packages that run as part of this one. A bundled package lists them as development dependencies. */
function partsOf(manifest: Manifest): readonly string[] {
  const { dependencies, peerDependencies, devDependencies = {}, files = [] } = manifest;
  const bundled = files.includes("bundle")
    ? Object.keys(devDependencies).filter((name) => name !== "@molecule/testkit")
    : [];
  return [...Object.keys({ ...dependencies, ...peerDependencies }), ...bundled];
}

/** Each room, its folder, and the rooms among its runtime dependencies in package.json. */
const manifests = ["packages", "plugins"]
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)))
  // A package that was removed may leave its ignored files behind.
  .filter((folder) => existsSync(join(root, folder, "package.json")))
  .map((folder) => ({ folder, manifest: JSON.parse(read(join(folder, "package.json"))) as Manifest }))
  // A private package is for our own tests.
  .filter(({ manifest }) => manifest.private !== true);
const isOurs = (name: string): boolean => manifests.some(({ manifest }) => manifest.name === name);
const rooms = new Map(
  manifests.map(({ folder, manifest }) => {
    const uses = partsOf(manifest).filter(isOurs).map(roomOf).sort();
    return [roomOf(manifest.name), { folder, uses }];
  }),
);
const usesOf = (room: string): readonly string[] => rooms.get(room)?.uses ?? [];

function drawn(name: string): string {
  const [, text = ""] = document.split(`<!-- drawing: ${name} -->\n\`\`\`\n`);
  return text.split("\n```")[0] ?? "";
}

/** Returns the rows of the table below this heading, cell by cell. */
function rowsBelow(heading: string): readonly (readonly string[])[] {
  const [, text = ""] = document.split(`\n## ${heading}\n`);
  const rows = (text.split("\n## ")[0] ?? "").match(/^\|.*\|$/gm) ?? [];
  return rows.slice(2).map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const targetOf = (cell: string): string => /\]\(([^)]+)\)/.exec(cell)?.[1] ?? "";
const nameOf = (cell: string): string => cell.replaceAll(/^\[([^\]]+)\].*$/g, "$1");

describe("the drawing of the rooms", () => {
  const drawing = readDrawing(drawn("rooms"));
  const roomsIn = (box: Box): readonly string[] => box.lines.filter((line) => rooms.has(line));
  const boxOf = new Map(drawing.boxes.flatMap((box) => roomsIn(box).map((room) => [room, box] as const)));

  test("has every package once, except one without dependencies and dependents", () => {
    const alone = [...rooms.keys()].filter(
      (room) => usesOf(room).length === 0 && ![...rooms.values()].some(({ uses }) => uses.includes(room)),
    );
    const shown = drawing.boxes.flatMap(roomsIn);

    expect(alone).toEqual(["create-molecule-source"]);
    expect([...shown, ...alone].sort()).toEqual([...rooms.keys()].sort());
  });

  test("has every package above the packages that it uses", () => {
    const arrows = [...boxOf].flatMap(([room, box]) => usesOf(room).map((used) => ({ room, box, used })));
    const wrong = arrows.filter(({ box, used }) => {
      const below = boxOf.get(used);
      return below === undefined || !drawing.isAbove(box, below);
    });

    expect(arrows.length).toBeGreaterThan(rooms.size);
    expect(wrong.map(({ room, used }) => `${room} is not upon ${used}`)).toEqual([]);
  });

  test("has no package directly above one that it does not use", () => {
    const pairs = [...boxOf].flatMap(([room, box]) =>
      [...boxOf].filter(([, below]) => drawing.isOn(box, below)).map(([below]) => ({ room, below })),
    );

    expect(pairs.length).toBeGreaterThan(rooms.size / 2);
    expect(pairs.filter(({ room, below }) => !usesOf(room).includes(below))).toEqual([]);
  });
});

test("the table of the rooms matches each package.json", () => {
  const written = rowsBelow("Rooms").map(([room = "", uses = ""]) => ({
    room: nameOf(room),
    folder: join("docs", "internals", targetOf(room)),
    uses: uses
      .split(", ")
      .filter((name) => name !== "")
      .sort(),
  }));
  const there = [...rooms].map(([room, facts]) => ({ room, ...facts }));
  const byRoom = (one: { room: string }, other: { room: string }): number => (one.room < other.room ? -1 : 1);

  expect([...written].sort(byRoom)).toEqual(there.sort(byRoom));
});

test("each arrow of the flow has its row, and its file in a package", () => {
  const arrows = [...drawn("flow").matchAll(/─(\d+)─►/g)].map(([, number]) => Number(number));
  const rows = rowsBelow("The flow").map(([number, , file = ""]) => ({
    number: Number(number),
    file: targetOf(file),
  }));

  expect(rows.map(({ number }) => number)).toEqual(arrows.map((_, index) => index + 1));
  expect([...arrows].sort((one, other) => one - other)).toEqual(rows.map(({ number }) => number));
  const folders = [...rooms.values()].map(({ folder }) => folder);
  const outside = rows.filter(
    ({ file }) =>
      !folders.some((folder) => dirname(join("docs", "internals", file)).startsWith(`${folder}/src`)),
  );
  expect(outside).toEqual([]);
});
