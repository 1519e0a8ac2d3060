import { execFileSync } from "node:child_process";
import { access, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { FakeEngine } from "@molecule/testkit";
import { openWorld, type World } from "./command-world.test.support.js";
import { describeWithTerminal, openTerminal, type TerminalSession } from "./terminal-session.test.support.js";
import { startEmptyEngine } from "./waiting.test.support.js";

const commits = ["a", "b"].map((digit) => digit.repeat(40));
const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

let engine: FakeEngine;
let world: World;
beforeEach(async () => {
  engine = await startEmptyEngine();
  world = await openWorld(engine.address);
});
afterEach(async () => {
  await world.close();
  await engine.stop();
});

const place = (commit: string, cache = world.cache): string => join(cache, "hermes", commit.slice(0, 12));
/** Checkouts whose images no longer exist. */
async function leaveCheckouts(cache = world.cache): Promise<void> {
  for (const commit of commits) {
    await mkdir(join(place(commit, cache), ".git"), { recursive: true });
    await writeFile(join(place(commit, cache), ".git", "HEAD"), `${commit}\n`);
    await writeFile(join(place(commit, cache), "file"), "x".repeat(1_000_000));
  }
}
const stay = (): Promise<boolean[]> => Promise.all(commits.map((commit) => isThere(place(commit))));

test("prints each one and the total", async () => {
  await leaveCheckouts();
  const dry = await world.run(["prune", "--dry-run"]);
  expect(dry.stdout.trimEnd().split("\n").at(-1)).toBe("would remove 2 items, 2.0 MB in total");
  expect(await stay()).toEqual([true, true]);
  const { stdout, stderr } = await world.run(["prune"]);
  expect(stdout.trimEnd().split("\n").at(-1)).toBe("removed 2 items, 2.0 MB in total");
  expect(stderr).toBe("");
  expect(await stay()).toEqual([false, false]);
});

test.each(["20", "0", "1.5", " ", "20X", "B", "20iB"])(
  "rejects --max-bytes %j with USAGE, and removes nothing",
  async (size) => {
    await leaveCheckouts();
    const { status, answer } = await world.json(["prune", "--max-bytes", size]);
    expect([status, answer.error]).toMatchObject([
      2,
      { code: "USAGE", hint: "Write a number and a unit, such as 500MB or 20GiB." },
    ]);
    expect(await stay()).toEqual([true, true]);
  },
);

const whereMounts = process.getuid?.() === 0 ? describe : describe.skip;
whereMounts("a cache in the lower layer of an overlay, as one that came with an image", () => {
  let mounted: string;
  const mount = (options: string): void => {
    execFileSync("mount", ["-t", "overlay", "overlay", "-o", options, world.cache]);
  };
  beforeEach(async () => {
    mounted = dirname(world.cache);
    for (const name of ["lower", "upper", "scratch", "cache"]) await mkdir(join(mounted, name));
    await leaveCheckouts(join(mounted, "lower"));
  });
  afterEach(() => {
    execFileSync("umount", ["-l", world.cache]);
  });

  test("is removed by prune", async () => {
    mount(`lowerdir=${mounted}/lower,upperdir=${mounted}/upper,workdir=${mounted}/scratch`);
    const { status, stdout } = await world.run(["prune"]);
    expect([status, stdout.trimEnd().split("\n").at(-1)]).toEqual([0, "removed 2 items, 2.0 MB in total"]);
    expect(await stay()).toEqual([false, false]);
  });

  test("stays if it is read-only, with the reason", async () => {
    mount(`lowerdir=${mounted}/lower:${mounted}/upper`);
    const { status, answer } = await world.json(["prune"]);
    expect([status, answer.removed]).toEqual([0, []]);
    expect(answer.kept?.map(({ why }) => why)).toEqual(
      commits.map(() => "it cannot be removed: read-only file system"),
    );
  });
});

describeWithTerminal({ describe, test }, "molecule-image prune in a terminal", () => {
  let terminal: TerminalSession;
  beforeEach(() => leaveCheckouts());
  afterEach(() => terminal.close());
  const size = { columns: 200, rows: 20 };

  test("asks for confirmation, and removes on y", async () => {
    terminal = await openTerminal(world, ["prune"], size);
    const lines = await terminal.shows(/Remove 2 items, 2\.0 MB in total\? \[y\/N\]/);
    expect(lines.filter((line) => line.startsWith("would remove"))).toHaveLength(2);
    expect(await stay()).toEqual([true, true]);
    await terminal.type("y\n");
    await terminal.shows(/removed 2 items, 2\.0 MB in total\nstatus=0/);
    expect(await stay()).toEqual([false, false]);
  });

  test.each([
    ["n", "n\n", "nothing was removed\nstatus=0"],
    ["nothing", "\n", "nothing was removed\nstatus=0"],
    ["Ctrl-D", "\u0004", "nothing was removed\nstatus=0"],
    ["Ctrl-C", "\u0003", "molecule-image: cancelled by SIGINT [CANCELLED]\nstatus=130"],
  ])("%s at the prompt removes nothing, and says so on a line of its own", async (_what, keys, end) => {
    terminal = await openTerminal(world, ["prune"], size);
    await terminal.shows(/\[y\/N\]/);
    await terminal.type(keys);
    const lines = await terminal.shows(/status=/);
    expect(lines.join("\n").split(/\[y\/N\].*\n/)[1]).toBe(end);
    expect(await stay()).toEqual([true, true]);
  });

  test("--json reports a declined removal", async () => {
    terminal = await openTerminal(world, ["prune", "--json"], { columns: 2000, rows: 20 });
    await terminal.shows(/\[y\/N\]/);
    await terminal.type("n\n");
    const lines = await terminal.shows(/status=0/);
    expect(JSON.parse(lines.find((line) => line.startsWith("{")) ?? "")).toEqual({
      removed: [],
      kept: commits.map(() => expect.objectContaining({ why: "removal was declined" })),
    });
  });

  test.each([["--force"], ["--dry-run"]])("%s does not prompt", async (option) => {
    terminal = await openTerminal(world, ["prune", option], size);
    const lines = await terminal.shows(/remove 2 items|removed 2 items/);
    expect(lines.join("\n")).not.toContain("[y/N]");
  });

  test("does not prompt if there is nothing to remove", async () => {
    await world.run(["prune"]);
    terminal = await openTerminal(world, ["prune"], size);
    const lines = await terminal.shows(/removed 0 items, 0\.0 MB in total/);
    expect(lines.join("\n")).not.toContain("[y/N]");
  });
});
