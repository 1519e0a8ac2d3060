import { expect, test } from "@jest/globals";
import type { Run, RunResult } from "@molecule/core";
import { buildctlCommand } from "./buildctl-command.js";

const broken = `error: failed to list workers: Unavailable: connection error: desc = "transport: failed to write client preface: write |1: broken pipe"\n`;
const reason = `error: failed to list workers: Unavailable: connection error: desc = "error reading server preface: command [kubectl exec -i pod -- buildctl dial-stdio] has exited with exit status 1, make sure the URL is valid, and Docker 18.09 or later is installed on the remote host: stderr=pods \\"pod\\" not found\\n"\n`;

/** Fakes a buildctl that fails with these texts in turn, then always with the last one. */
function failing(...texts: readonly string[]) {
  let runs = 0;
  const run: Run = async () => {
    const stderr = texts[Math.min(runs++, texts.length - 1)] ?? "";
    return { exitCode: 1, ended: "itself", stdout: "", stderr } satisfies RunResult;
  };
  const address = "kube-pod://pod";
  const buildctl = buildctlCommand({ env: {}, run }, { addr: address });
  return {
    reading: buildctl.read(address, ["debug", "workers"], { signal: new AbortController().signal }),
    runs: () => runs,
  };
}

// Measured with buildctl 0.34.2: one time in five it notices the closed pipe first, and does not say why it was closed.
test("reports why a program that reaches a builder has ended, even if its pipe is noticed first", async () => {
  const { reading, runs } = failing(broken, broken, reason);
  await expect(reading).rejects.toMatchObject({
    code: "ENGINE_UNAVAILABLE",
    message: 'the BuildKit builder at kube-pod://pod cannot be reached: pods "pod" not found',
    hint: expect.stringContaining("`kubectl exec -i pod -- buildctl debug workers`"),
  });
  expect(runs()).toBe(3);
});

test("gives up if buildctl never reports the reason, and names what to check", async () => {
  const { reading, runs } = failing(broken);
  await expect(reading).rejects.toMatchObject({
    code: "ENGINE_UNAVAILABLE",
    message:
      "the BuildKit builder at kube-pod://pod cannot be reached: the program that connects to it ended early",
    hint: "Check that the container or pod in `addr` runs, and that this user may run programs in it.",
  });
  expect(runs()).toBe(5);
});
