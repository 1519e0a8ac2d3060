import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import * as runner from "@jest/globals";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { defaultPlatform, type ContainerEngine } from "@molecule/core";
import { describeWithEngine, describeWithPodman } from "@molecule/test-fixtures";
import { contextOf } from "../builds/build-context.test.support.js";
import { buildRequest, engineAt } from "../connection/faulty-engine.test.support.js";

function attachTests(address: () => string): void {
  let engine: ContainerEngine;
  let imageId: string;
  beforeAll(async () => {
    engine = engineAt(address());
    const context = contextOf('ENTRYPOINT ["/bin/sh", "-c"]');
    ({ imageId } = await engine.buildImage(buildRequest({ context })));
  });
  afterAll(() => engine.close());

  test("output is complete even if the container exits without reading its input", async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id } = await engine.createContainer({
        name: undefined,
        imageId,
        platform: defaultPlatform,
        env: {},
        args: ["echo out; exit 3"],
        labels: {},
        autoRemove: false,
        stdin: true,
      });
      const { stdin, stdout, stderr } = await engine.attachContainer(id, { stdin: true });
      if (stdin === undefined) throw new TypeError("stdin is missing");
      const writing = pipeline(Readable.from(endless()), stdin).catch(() => undefined);
      const exit = engine.waitContainer(id);
      await engine.startContainer(id);
      expect(await Promise.all([text(stdout), text(stderr), exit])).toEqual(["out\n", "", { exitCode: 3 }]);
      await writing;
      await engine.removeContainer(id, { force: true });
    }
  });
}

function* endless(): Generator<Buffer> {
  for (;;) yield Buffer.alloc(65_536);
}

describeWithEngine(runner, "input and output of a container", ({ address }) => {
  attachTests(() => address);
});

describeWithPodman(runner, "input and output of a container with Podman", (podman) => {
  attachTests(() => podman().address);
});
