import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { secretArguments } from "./secret-arguments.js";

let place: string;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), "secrets-"));
});
afterEach(() => rm(place, { recursive: true }));

test("names a file by a link, whatever its path, and a variable by a name of ours", async () => {
  const file = join(place, `a,id=x "b"`);
  await writeFile(file, "content");
  const { args, env } = await secretArguments(
    {
      key: { value: Buffer.from("content"), place: { file } },
      token: { value: Buffer.from("value"), place: { env: "TOKEN" } },
    },
    place,
  );
  expect(args).toEqual(["--secret=id=key,src=secret-0", "--secret=id=token,env=MOLECULE_BUILD_SECRET_1"]);
  expect(env).toEqual({ MOLECULE_BUILD_SECRET_1: "value" });
  expect(await readFile(join(place, "secret-0"), "utf8")).toBe("content");
});
