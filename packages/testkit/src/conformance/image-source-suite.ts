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
      // A rest parameter: jest would pass a callback to a body that declares a parameter, and wait for it.
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
    // The error that ended the law outranks any error of closing.
    await bench.close().catch(() => undefined);
    throw error;
  }
  await bench.close();
}
