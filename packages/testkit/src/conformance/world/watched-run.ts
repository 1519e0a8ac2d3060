import type { Run } from "@molecule/core";
import { floodOutput } from "./flood-output.js";
import { untilAborted } from "./until-aborted.js";
import type { WatchedEngine } from "./watched-engine.js";

/** Whether a program that the source runs makes an image. */
export type MakesImage = (command: string, args: readonly string[]) => boolean;

/**
 * Wraps a runner: programs share the mood of the engine, and their arguments are recorded with its calls, because
 * anyone can see them.
 */
export function watchRun(really: Run, makesImage: MakesImage, watched: WatchedEngine): Run {
  const answered = { exitCode: null, stdout: "", stderr: "" };
  return async (command, args, options) => {
    const isMaking = makesImage(command, args);
    watched.note(isMaking ? "build with a program" : "run", [command, ...args]);
    const { mood } = watched;
    if (mood === "down") return { ...answered, ended: "not-found" };
    if (!isMaking) return really(command, args, options);
    watched.onMaking();
    // Looks like a program that the kernel has killed.
    if (mood === "dies") return { ...answered, ended: "itself" };
    if (mood === "slow") {
      await untilAborted(options.signal);
      return { ...answered, ended: "cancelled" };
    }
    if (mood === "talkative") await floodOutput((line) => options.onLine?.(line));
    return really(command, args, options);
  };
}
