import { describe, expect, test } from "@jest/globals";
import { silentLog, type Run } from "@molecule/core";
import { buildctlCommand, type BuildctlCommand } from "./buildctl-command.js";
import { chooseMachine, orderFor } from "./choose-builder.js";

const addresses = ["tcp://one:1", "tcp://two:1", "tcp://three:1"];
const runtimes = Array.from({ length: 60 }, (_, index) => `runtime-${String(index)}`);
const firstOf = (runtime: string, among = addresses): string | undefined => orderFor(runtime, among)[0];

test("the order is a runtime's own, whatever the order of the list", () => {
  for (const runtime of runtimes) {
    expect([...orderFor(runtime, addresses)].sort()).toEqual([...addresses].sort());
    expect(orderFor(runtime, [...addresses].reverse())).toEqual(orderFor(runtime, addresses));
  }
  expect(new Set(runtimes.map((runtime) => firstOf(runtime)))).toEqual(new Set(addresses));
});

test("without an address, only its own runtimes move", () => {
  const fewer = addresses.slice(1);
  for (const runtime of runtimes)
    if (firstOf(runtime) !== addresses[0]) expect(firstOf(runtime, fewer)).toBe(firstOf(runtime));
});

describe("the builders of many runtimes", () => {
  const worker = { platforms: [{ os: "linux", architecture: "arm64" }], buildkitVersion: { version: "v1" } };
  const listed = { exitCode: 0, ended: "itself", stdout: JSON.stringify([worker]), stderr: "" } as const;

  /** Programs that run until they are released. */
  function heldPrograms() {
    const started: (AbortSignal | undefined)[] = [];
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const run: Run = async (_file, _args, { signal }) => {
      started.push(signal);
      await released;
      return listed;
    };
    const buildctl = buildctlCommand({ env: {}, run }, { addr: ["tcp://one:1", "tcp://two:1"] });
    return { started, release, buildctl };
  }
  const choose = (buildctl: BuildctlCommand, signal = new AbortController().signal) =>
    Promise.all(runtimes.map((runtime) => chooseMachine(buildctl, runtime, { signal, log: silentLog })));

  test("are looked up with one buildctl each, and again by a later call", async () => {
    const { started, release, buildctl } = heldPrograms();
    const chosen = choose(buildctl);
    release();
    expect(new Set((await chosen).map(({ platform }) => platform))).toEqual(new Set(["linux/arm64"]));
    expect(started).toHaveLength(2);
    await choose(buildctl);
    expect(started).toHaveLength(4);
  });

  test("are looked up until the last caller leaves", async () => {
    const { started, release, buildctl } = heldPrograms();
    const [one, other] = [new AbortController(), new AbortController()];
    const left = choose(buildctl, one.signal);
    const staying = choose(buildctl, other.signal);
    one.abort();
    await expect(left).rejects.toMatchObject({ code: "CANCELLED" });
    expect(started.map((signal) => signal?.aborted)).toEqual([false, false]);
    release();
    expect(await staying).toHaveLength(runtimes.length);
  });
});
