import type { ClassicLog } from "./classic-log.js";
import { createContainerWaits } from "../containers/wait-container.js";
import type { EngineConnection } from "../connection/engine-connection.js";

/** Follows the containers of a classic build's `RUN` steps. */
export interface CommitWatch {
  /** Call it after each message of the build. */
  follow(): void;
  /** Ends the pending requests. */
  stop(): void;
}

/**
 * Announces the commit of each `RUN` of a classic build. The builder reports nothing while it commits, like a command
 * that hangs, but only then has the container exited.
 */
export function watchCommits(
  connection: EngineConnection,
  classic: Pick<ClassicLog, "container" | "commits">,
): CommitWatch {
  const waits = createContainerWaits(connection);
  let watched: string | undefined;
  let leave = new AbortController();

  return {
    follow: () => {
      const { container } = classic;
      // Podman's builder does not use containers of Podman.
      if (container === watched || connection.kind === "podman") return;
      leave.abort();
      leave = new AbortController();
      watched = container;
      if (container === undefined) return;
      waits.wait(container, { signal: leave.signal }).then(
        () => {
          classic.commits(container);
        },
        // The step has ended, or the engine is gone: the build itself reports that.
        () => undefined,
      );
    },
    stop: () => {
      leave.abort();
    },
  };
}
