import { villain } from "./reference-plugin.js";

/** Keeps all build output in memory. */
export const keepsAllOutput = villain((honest) => ({
  async provide(resolution, found, call) {
    const lines: string[] = [];
    const { progress } = call;
    const image = await honest.provide(resolution, found, {
      ...call,
      progress: {
        step: (step, what, work) =>
          progress.step(step, what, (report) =>
            work({
              ...report,
              output: (text) => {
                // A copy, because a slice of a longer string keeps the whole string alive.
                lines.push(Buffer.from(text).toString("utf8"));
                report.output(text);
              },
            }),
          ),
      },
    });
    call.log.debug("built", { lines: lines.length });
    return image;
  },
}));
