import { describe, expect, test } from "@jest/globals";
import { describeWithEngine, startPrivateEngine } from "@molecule/test-fixtures";
import { contextOf } from "./build-context.test.support.js";
import { buildRequest, engineAt } from "../connection/faulty-engine.test.support.js";

// A separate engine for each configuration.
describeWithEngine({ describe, test }, "a build on an engine", () => {
  test.each<[string, string, boolean | undefined]>([
    ["with no builder in its configuration", "BuildKit", undefined],
    ["with BuildKit turned on", "BuildKit", true],
    ["with BuildKit turned off", "the classic builder", false],
  ])("%s uses %s", async (_what, builder, offersBuildkit) => {
    const daemon = await startPrivateEngine({ offersBuildkit });
    const engine = engineAt(daemon.address);
    try {
      const lines: string[] = [];
      const report = {
        output: (line: string) => lines.push(line),
        amount: () => undefined,
        quiet: () => undefined,
      };
      const { imageId } = await engine.buildImage(buildRequest({ context: contextOf("RUN echo"), report }));

      expect(await engine.inspectImage(imageId)).toBeDefined();
      const isClassic = lines.some((line) => line.startsWith("Step 1/"));
      expect(isClassic ? "the classic builder" : "BuildKit").toBe(builder);
      expect((await engine.describe()).buildkit).toBe(!isClassic);
    } finally {
      await engine.close();
      await daemon.stop();
    }
  });
});
