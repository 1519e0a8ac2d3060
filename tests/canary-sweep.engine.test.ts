import { sep } from "node:path";
import { describe, expect, jest, test } from "@jest/globals";
import { exitStatusByCode } from "@molecule/core";
import { describeWithEngine } from "@molecule/test-fixtures";
import { leaksIn, password, token, type Place } from "./canary-sweep/canaries.js";
import type { Run } from "./canary-sweep/run-scenario.js";
import { controlFile, runSweep, scenarios, type Sweep } from "./canary-sweep/sweep.js";

/*
 * One token and one password go through successes and failures of the built command, with every option on that prints
 * more than usual. Then each test searches one place that could contain them. The first test to run waits for the sweep.
 */
jest.setTimeout(30 * 60_000);

describeWithEngine({ describe, test }, "canary sweep", ({ address }) => {
  let sweeping: Promise<Sweep> | undefined;
  const sweep = (): Promise<Sweep> => (sweeping ??= runSweep(address));
  const allRuns = async (): Promise<readonly Run[]> => Object.values((await sweep()).runs).flat();
  const printsJson = ({ args }: Run): boolean => args.includes("--json");
  const stdoutOf = ({ what, stdout }: Run): Place => [what, stdout];
  const stderrOf = ({ what, stderr }: Run): Place => [what, stderr];
  const filesBelow = async (folder: string): Promise<readonly Place[]> =>
    (await sweep()).files
      .filter(({ path }) => path.startsWith(folder + sep))
      .map(({ path, content }) => [path, content]);

  describe("the commands run as they should", () => {
    test.each(Object.keys(scenarios))("every command has the expected exit status: %s", async (name) => {
      const runs = (await sweep()).runs[name] ?? [];
      expect(runs.length).toBeGreaterThan(0);
      expect(runs.filter(({ status, expected }) => status !== expected)).toEqual([]);
    });

    test("every error code is reported", async () => {
      const outputs = (await allRuns()).flatMap(({ stdout, stderr }) => [stdout, stderr]).join("\n");
      const codes = outputs.matchAll(/\[([A-Z_]+)\]$|"code":"([A-Z_]+)"/gm);
      const seen = new Set([...codes].map(([, shown, inJson]) => shown ?? inJson));
      expect(Object.keys(exitStatusByCode).filter((code) => !seen.has(code))).toEqual([]);
    });

    test("the forge receives the token, from the API client and from git", async () => {
      const { authorizations } = await sweep();
      expect(authorizations).toContain(`token ${token}`);
      expect(authorizations).toContain(`Basic ${Buffer.from(`x-access-token:${token}`).toString("base64")}`);
    });

    test("the proxy receives the password", async () => {
      const sent = `proxy-authorization: basic ${Buffer.from(`canary:${password}`).toString("base64")}`;
      expect((await sweep()).proxy.toLowerCase()).toContain(sent.toLowerCase());
    });

    test("debug output is on, and secrets in it are masked", async () => {
      const outputs = (await allRuns()).flatMap(({ stdout, stderr }) => [stdout, stderr]).join("");
      expect(outputs).toMatch(/^HTTP \d+: /m);
      expect(outputs).toContain("***");
    });
  });

  describe("no secret is", () => {
    test("in the output for people", async () => {
      const runs = (await allRuns()).filter((run) => !printsJson(run));
      expect(leaksIn(runs.map(stdoutOf))).toEqual([]);
    });

    test("in the JSON output", async () => {
      const runs = (await allRuns()).filter(printsJson);
      expect(leaksIn(runs.map(stdoutOf))).toEqual([]);
    });

    test("in the log and the progress of a command that succeeds", async () => {
      const runs = (await allRuns()).filter(({ status }) => status === 0);
      expect(leaksIn(runs.map(stderrOf))).toEqual([]);
    });

    test("in the log, the progress and the error of a command that fails", async () => {
      const runs = (await allRuns()).filter(({ status }) => status !== 0);
      expect(leaksIn(runs.map(stderrOf))).toEqual([]);
    });

    test("in a file of the home directory, such as the cache with the build contexts", async () => {
      const files = await filesBelow("home");
      expect(files.some(([path]) => path.endsWith("Dockerfile"))).toBe(true);
      expect(leaksIn(files)).toEqual([]);
    });

    test("in the working directory", async () => {
      expect(leaksIn(await filesBelow("work"))).toEqual([]);
    });

    test("in a temporary file, except the one that shows that the search works", async () => {
      const leaks = leaksIn(await filesBelow("tmp"));
      expect(leaks.map(([path]) => path)).toEqual([controlFile]);
    });

    test("in the name of a file or folder", async () => {
      const { files } = await sweep();
      expect(leaksIn(files.map(({ path }) => [path, path]))).toEqual([]);
    });

    test("in a layer of the image", async () => {
      const layers = (await sweep()).images.map((image): Place => [image.id, image.layers]);
      expect(leaksIn(layers)).toEqual([]);
      // The same search finds the template's own text, so it reads the right layers.
      expect(leaksIn(layers, ["Hello from a workspace."])).toHaveLength(layers.length);
    });

    test("in a label or the configuration of the image", async () => {
      const { images } = await sweep();
      expect(leaksIn(images.map(({ id, inspection }) => [id, inspection]))).toEqual([]);
    });

    test("in the history of the image", async () => {
      const { images } = await sweep();
      expect(leaksIn(images.map(({ id, history }) => [id, history]))).toEqual([]);
    });

    test("in the configuration of the container", async () => {
      expect(leaksIn([["container", (await sweep()).container]])).toEqual([]);
    });

    test("sent to another origin", async () => {
      expect(leaksIn([["the other origin", (await sweep()).otherOrigin]])).toEqual([]);
    });

    test("sent to the proxy, except the proxy's own password", async () => {
      const { proxy } = await sweep();
      expect(proxy).toContain("CONNECT forge.invalid:443");
      expect(leaksIn([["the proxy", proxy]], [token])).toEqual([]);
    });

    test("an argument of a process", async () => {
      const { commandLines, controlArgument } = await sweep();
      expect(commandLines.some((line) => line.includes(controlArgument))).toBe(true);
      expect(commandLines.some((line) => /\bgit\b.* fetch --depth=1/.test(line))).toBe(true);
      expect(leaksIn(commandLines.map((line) => [line, line]))).toEqual([]);
    });
  });
});
