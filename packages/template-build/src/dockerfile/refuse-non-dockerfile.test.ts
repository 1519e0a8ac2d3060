import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { diskTree } from "../context/disk-tree.js";
import { refuseNonDockerfile } from "./refuse-non-dockerfile.js";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "non-dockerfile-"));
});
afterAll(() => rm(directory, { recursive: true }));

const check = async (content: string | Buffer, args: Record<string, string> = {}): Promise<void> => {
  await writeFile(join(directory, "Dockerfile"), content);
  await refuseNonDockerfile(diskTree(directory), "Dockerfile", args);
};

test.each<[string, string | Buffer]>([
  ["nothing", ""],
  ["blanks", " \n\t\n"],
  ["a byte order mark", "\uFEFF"],
  ["comments", "# FROM scratch\n#\n"],
  ["ARG alone", "ARG VERSION=1\n"],
  ["several ARGs", "ARG A=1\narg B\n"],
  ["ARG and carriage returns", "ARG VERSION=1\rFROM scratch\rCMD x\r"],
  ["steps without a stage", "RUN true\n"],
  ["ONBUILD without a stage", "ONBUILD RUN true\n"],
  ["FROM in a continued line", "ARG A=1 \\\nFROM scratch\n"],
  ["FROM in a here-document", "ARG A=1\nRUN <<E\nFROM scratch\nE\n"],
  ["UTF-16", Buffer.from("\uFEFFFROM scratch\n", "utf16le")],
  ["bytes", Buffer.from(Array.from({ length: 256 }, (_none, byte) => byte))],
  ["Docker's own frontend and no stage", "# syntax=docker/dockerfile:1\nRUN true\n"],
  ["another frontend and ARG alone", "# syntax=h.example/x\nARG A=1\n"],
])("rejects %s with TEMPLATE_INVALID", async (_what, content) => {
  await expect(check(content)).rejects.toMatchObject({
    code: "TEMPLATE_INVALID",
    message: '"Dockerfile" of the template is not a Dockerfile: it has no FROM',
  });
});

test.each<[string, string | Buffer]>([
  ["one line", "FROM scratch"],
  ["lower case, indented", "  from scratch\n"],
  ["a byte order mark", "\uFEFFFROM scratch\n"],
  ["CRLF", "ARG A=1\r\nFROM scratch\r\n"],
  ["a name in two lines", "FR\\\nOM scratch\n"],
  ["a directive", "# syntax=docker/dockerfile:1\n# escape=`\nARG A=1 `\n B\nFROM scratch\n"],
  ["two escapes at the end of an ARG", "ARG A=1\\\\\nFROM scratch\n"],
  ["Latin-1", Buffer.from("# \xe9\nFROM scratch\n", "latin1")],
  ["FROM without an image, which builders name", "FROM\n"],
  ["another language", "# syntax=h.example/x\nbuild: all\n"],
  ["another language as JSON", '{"syntax": "h.example/x"}\n'],
])("leaves %s to the builder", async (_what, content) => {
  await expect(check(content)).resolves.toBeUndefined();
});

test("leaves another language, selected by a build argument, to the builder", async () => {
  await expect(check("build: all\n", { BUILDKIT_SYNTAX: "h.example/x" })).resolves.toBeUndefined();
});
