import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { diskTree } from "../context/disk-tree.js";
import { refuseMissingStages } from "./refuse-missing-stages.js";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "missing-stages-"));
});
afterAll(() => rm(directory, { recursive: true }));

const check = async (content: string, args: Record<string, string> = {}): Promise<void> => {
  await writeFile(join(directory, "Dockerfile"), content);
  await refuseMissingStages(diskTree(directory), "Dockerfile", args);
};

test.each([
  ["FROM scratch\nCOPY --from=7 /x /y\n", 2, "7"],
  ["FROM scratch\nCOPY --from=1 /x /y\n", 2, "1"],
  ["FROM a\nFROM b\ncopy --chown=1:1 --from=2 /x /y\n", 3, "2"],
  ["FROM a\nCOPY \\\n  --from=3 \\\n  /x /y\n", 2, "3"],
  ["# syntax=docker/dockerfile:1\nFROM a\nCOPY --from=9 --link /x /y\n", 3, "9"],
  ["FROM a\nCOPY --from=99999999999999999999 /x /y\n", 2, "99999999999999999999"],
])("rejects %j with TEMPLATE_INVALID and names the line", async (content, line, number) => {
  await expect(check(content)).rejects.toMatchObject({
    code: "TEMPLATE_INVALID",
    message: `line ${String(line)} of Dockerfile: COPY --from=${number} names a stage that does not exist`,
  });
});

test.each([
  ["an earlier stage", "FROM a\nFROM b\nCOPY --from=0 /x /y\n"],
  ["a name", "FROM a AS seven\nFROM b\nCOPY --from=seven /x /y\n"],
  ["an image", "FROM a\nCOPY --from=h.example/a:7 /x /y\n"],
  ["a file that looks like the flag", "FROM a\nCOPY x --from=7 /y\n"],
  ["a here-document", "FROM a\nCOPY <<E /y\nCOPY --from=7 /x /y\nE\n"],
  ["what the image's users run", "FROM a\nONBUILD COPY --from=7 /x /y\n"],
  ["another language", "# syntax=h.example/x\nFROM a\nCOPY --from=7 /x /y\n"],
])("leaves %s to the builder", async (_what, content) => {
  await expect(check(content)).resolves.toBeUndefined();
});

test("leaves another language, selected by a build argument, to the builder", async () => {
  await expect(
    check("FROM a\nCOPY --from=7 /x /y\n", { BUILDKIT_SYNTAX: "h.example/x" }),
  ).resolves.toBeUndefined();
});
