import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { defaultPlatform, type ContainerEngine, type StepReport } from "@molecule/core";
import {
  describeWithEngine,
  putImage,
  startFaultProxy,
  startPrivateEngine,
  startRegistry,
  type FaultProxy,
  type PrivateEngine,
  type Registry,
} from "@molecule/test-fixtures";
import { contextOf, keepReport } from "../builds/build-context.test.support.js";
import { buildRequest, engineAt, failureOf, recovered } from "./faulty-engine.test.support.js";

/** Records a report, and calls back once when a line matches the pattern. */
function hearing(pattern: RegExp, call: () => void): StepReport {
  let isHeard = false;
  return {
    ...keepReport(),
    output: (line) => {
      if (isHeard || !pattern.test(line)) return;
      isHeard = true;
      call();
    },
  };
}

// A separate engine: the one shared by the test run must not be killed.
describeWithEngine({ describe, test }, "a daemon that stops halfway", () => {
  let daemon: PrivateEngine;
  let registry: Registry;
  let proxy: FaultProxy;
  let engine: ContainerEngine;

  beforeAll(async () => {
    daemon = await startPrivateEngine({ restarts: true });
    registry = await startRegistry();
    proxy = await startFaultProxy({ target: registry.host });
    engine = engineAt(daemon.address);
  });
  afterAll(async () => {
    await engine.close();
    await daemon.stop();
    await proxy.stop();
    await registry.stop();
  });

  /** Waits for the restart, because a daemon that is shutting down still responds for a while. */
  async function restarted(before: number): Promise<void> {
    await recovered(async () => {
      if ((await daemon.daemonPid()) === before) throw new Error("the daemon has not restarted");
      await engine.describe();
    });
  }

  describe.each(["SIGKILL", "SIGTERM"] as const)("by %s", (signal) => {
    test.each(["classic", "buildkit"] as const)("during a %s build", async (builder) => {
      const own = engineAt(daemon.address, { builder });
      await recovered(() => own.describe());
      const pid = await daemon.daemonPid();
      let killed = 0;
      const report = hearing(/^begun/, () => {
        killed = performance.now();
        process.kill(pid, signal);
      });
      const labels = { "molecule.test": "trouble" };
      const steps = "RUN echo begun; /bin/busybox sleep 60";
      const { error, afterMs } = await failureOf(
        own.buildImage(buildRequest({ context: contextOf(steps), labels, report })),
        () => killed,
      );
      if (signal === "SIGTERM" && builder === "classic") {
        // A race inside the daemon: either it stops first, or it still responds and reports after ten seconds that the
        // command has failed, which looks like a command killed for any other reason.
        const seen =
          error.code === "BUILD_FAILED"
            ? { hint: expect.stringContaining("restarted") }
            : { code: "ENGINE_UNAVAILABLE", transient: expect.anything() };
        expect(error).toMatchObject(seen);
      } else {
        expect(error).toMatchObject({ code: "ENGINE_UNAVAILABLE", transient: expect.anything() });
        expect(afterMs).toBeLessThan(20_000);
      }
      await restarted(pid);
      expect(await engine.listImages({ labels: ["molecule.test=trouble"] })).toEqual([]);

      // A daemon that is shutting down responds for some seconds before the next one replaces it.
      const { imageId } = await recovered(() =>
        own.buildImage(buildRequest({ context: contextOf("RUN echo again"), labels })),
      );
      expect(await engine.inspectImage(imageId)).toMatchObject({ labels });
      await engine.removeImage(imageId);
      await own.close();
    });

    test("during a pull", async () => {
      await recovered(() => engine.describe());
      const tag = signal.toLowerCase();
      const reference = `${proxy.address}/org/pulled:${tag}`;
      // Not built here: the layer would stay in the builder's cache, and nothing would be pulled.
      const files = { a: signal.repeat(400_000) };
      await putImage({ host: registry.host, repository: "org/pulled", tag, files });

      proxy.fault({ slow: { bytesPerSecond: 1_000 } }, { method: "GET", path: /blobs/ });
      const pid = await daemon.daemonPid();
      let killed = 0;
      const report = hearing(/Pulling fs layer/, () => {
        killed = performance.now();
        process.kill(pid, signal);
      });
      const { error, afterMs } = await failureOf(
        engine.pullImage({ reference, platform: defaultPlatform, report }),
        () => killed,
      );
      expect(error).toMatchObject({ code: "ENGINE_UNAVAILABLE", transient: expect.anything() });
      expect(afterMs).toBeLessThan(20_000);
      proxy.clear();
      proxy.cut();

      await restarted(pid);
      expect(await engine.inspectImage(reference)).toBeUndefined();
      await engine.pullImage({ reference, platform: defaultPlatform, report: keepReport() });
      expect(await engine.inspectImage(reference)).toMatchObject({ tags: [reference] });
      await engine.removeImage(reference);
    });
  });
});
