import { openBench } from "./bench/bench.js";
import { chapters } from "./chapters/chapters.js";
import type { SuiteOptions } from "./world/suite-options.js";

/**
 * Registers one test for each law of the interface of sources, named `CHAPTER: law`. Each has an upstream, a source
 * and directories of its own. A test may take a minute: raise the timeout of runners with a shorter one.
 */
export function imageSourceSuite(options: SuiteOptions): void {
  for (const { name, laws } of chapters) {
    for (const [law, holds] of Object.entries(laws)) {
      options.test(`${name}: ${law}`, async () => {
        const bench = await openBench(options);
        try {
          await holds(bench);
        } finally {
          await bench.close();
        }
      });
    }
  }
}
