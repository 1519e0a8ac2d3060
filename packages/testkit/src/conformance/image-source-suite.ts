import { openBench } from "./bench/bench.js";
import { chapters } from "./chapters/chapters.js";
import type { Chapter } from "./bench/law.js";
import { reportSkipped, SkippedLaw } from "./bench/skipped-law.js";
import type { SuiteOptions } from "./world/suite-options.js";

/**
 * Registers one test for each law of the interface of sources, named `CHAPTER: law`. Each has an upstream, a source
 * and directories of its own. A test may take a minute: raise the timeout of runners with a shorter one.
 */
export function imageSourceSuite(options: SuiteOptions): void {
  for (const { name, laws } of chapters) {
    for (const [law, holds] of Object.entries(laws)) {
      const title = `${name}: ${law}`;
      // Without parameters: jest waits for a callback that a body with one would get.
      options.test(title, async (...[context]) => {
        try {
          await testLaw(options, holds);
        } catch (error) {
          if (!(error instanceof SkippedLaw)) throw error;
          reportSkipped(title, error.message, context);
        }
      });
    }
  }
}

async function testLaw(options: SuiteOptions, holds: Chapter["laws"][string]): Promise<void> {
  const bench = await openBench(options);
  try {
    await holds(bench);
  } catch (error) {
    // What ended the law counts, whatever closing reports.
    await bench.close().catch(() => undefined);
    throw error;
  }
  await bench.close();
}
