import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

/* The files in docs/operating/service, checked by the programs that read them. */

const run = promisify(execFile);
const folder = fileURLToPath(new URL("../docs/operating/service/", import.meta.url));
const command = fileURLToPath(new URL("../packages/cli/bin/molecule-image", import.meta.url));
const installed = "/usr/local/bin/molecule-image";

const hasTools = ["/usr/bin/systemd-analyze", "/usr/sbin/logrotate"].every((path) => existsSync(path));
const describeWithTools = hasTools || process.env["CI"] === "true" ? describe : describe.skip;

describeWithTools("the service files (needs systemd-analyze and logrotate)", () => {
  let directory: string;
  let units: string[];
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "units-"));
    const names = (await readdir(folder)).filter((name) => /\.(?:service|timer)$/.test(name));
    units = names.map((name) => join(directory, name));
    for (const name of names) {
      const text = await readFile(join(folder, name), "utf8");
      await writeFile(join(directory, name), text.replaceAll(installed, command));
    }
    await copyFile(join(folder, "molecule-image.logrotate"), join(directory, "logrotate"));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  test("systemd accepts every unit without a warning", async () => {
    expect(units).toHaveLength(3);
    const { stdout, stderr } = await run("systemd-analyze", ["verify", "--man=no", ...units]);
    expect((stdout + stderr).split("\n").filter((line) => line.includes("molecule"))).toEqual([]);
  });

  test("the service is exposed to less than 2 of 10", async () => {
    const unit = join(directory, "molecule-image-watch.service");
    const args = ["security", "--offline=yes", "--no-pager", "--threshold=20", unit];
    const { stdout } = await run("systemd-analyze", args);
    const [, exposure] = /exposure level for \S+: ([\d.]+)/.exec(stdout) ?? [];
    expect(Number(exposure)).toBeLessThan(2);
  });

  test("logrotate accepts its file", async () => {
    const args = ["--debug", "--state", join(directory, "state"), join(directory, "logrotate")];
    const { stdout, stderr } = await run("/usr/sbin/logrotate", args);
    expect(stdout + stderr).toContain("rotating pattern: /var/log/molecule-image.log");
    expect(stdout + stderr).not.toMatch(/^error/m);
  });

  test("every command line in them is one that the command understands", async () => {
    const files = await Promise.all(
      (await readdir(folder)).map((name) => readFile(join(folder, name), "utf8")),
    );
    const lines = files.join("\n").match(/molecule-image (?:watch|prune) .*/g) ?? [];
    expect(lines).toHaveLength(3);
    for (const line of lines) {
      const [, ...args] = line.split(" ");
      const { stdout } = await run(command, [...args, "--help"]);
      expect(stdout).toContain(`Usage: molecule-image ${args[0] ?? ""}`);
    }
  });
});
