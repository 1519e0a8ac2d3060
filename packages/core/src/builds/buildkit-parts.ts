import type { BuildOutput } from "./builder-log.js";
import type { BuildkitVertex, BuildkitVertexStatus } from "./buildkit-status.js";
import { createIdleDownloads } from "./idle-downloads.js";

/** Reports the parts of BuildKit's running steps: bytes of downloads and transfers, and phases without any report. */
export interface BuildkitParts {
  takeVertex(vertex: BuildkitVertex): void;
  /** Returns whether it reports something new: BuildKit repeats statuses, also of a connection that is dead. */
  takeStatus(status: BuildkitVertexStatus): boolean;
  /**
   * Reports what has changed. Call it at the end of each message.
   * @param isNews whether the message had anything new
   */
  report(isNews: boolean): void;
}

export function createBuildkitParts(output: BuildOutput): BuildkitParts {
  /** By step, then by ID. */
  const parts = new Map<string, Map<string, BuildkitVertexStatus>>();
  /** The phases that report nothing until they end, by step and ID. */
  const silent = new Map<string, string>();
  const counted = new Set<string>();
  const ended = new Set<string>();
  const idleMs = createIdleDownloads();

  const partsOf = (vertex: string): Map<string, BuildkitVertexStatus> => {
    const known = parts.get(vertex) ?? new Map<string, BuildkitVertexStatus>();
    parts.set(vertex, known);
    return known;
  };
  const setSilent = (key: string, why: string | undefined): void => {
    if (why === undefined) silent.delete(key);
    else silent.set(key, why);
  };
  const reportBytes = (vertex: string): void => {
    const all = [...partsOf(vertex).values()].filter(({ current, total }) => current > 0 || total > 0);
    const sum = (pick: (part: BuildkitVertexStatus) => number): number =>
      all.reduce((bytes, part) => bytes + pick(part), 0);
    const isBounded = all.every(({ total }) => total > 0);
    output.amount(
      sum(({ current }) => current),
      isBounded ? sum(({ total }) => total) : undefined,
      "bytes",
    );
  };
  return {
    takeVertex: (vertex) => {
      const { digest, name, started, completed, error } = vertex;
      const isOver = completed || error !== "";
      if (started && !isOver) setSilent(digest, silentStep(name));
      if (!isOver) return;
      ended.add(digest);
      for (const key of [...silent.keys()]) if (key.startsWith(digest)) silent.delete(key);
    },
    takeStatus: (status) => {
      const { vertex, id, current, total, completed } = status;
      const before = partsOf(vertex).get(id);
      if (before !== undefined && isSame(before, status)) return false;
      partsOf(vertex).set(id, status);
      if (current > 0 || total > 0) counted.add(vertex);
      const isSilent = !completed && /^(?:extracting|unpacking) /.test(id);
      setSilent(`${vertex} ${id}`, isSilent ? id : undefined);
      return true;
    },
    report: (isNews) => {
      for (const vertex of counted) reportBytes(vertex);
      counted.clear();
      for (const vertex of ended) parts.delete(vertex);
      ended.clear();
      const incomplete = [...parts.values()].flatMap((known) =>
        [...known.values()].filter(({ current, total, completed }) => !completed && current < total),
      );
      output.allowIdle?.(idleMs(incomplete.map(({ current }) => current)));
      const why = [...silent.values()].at(-1);
      // Every report ends an announced pause.
      if (isNews && why !== undefined) output.quiet(why);
    },
  };
}

/**
 * Returns what a step does during which BuildKit reports nothing, however long it takes; undefined for other steps. The
 * download of an `ADD` must not stall.
 */
function silentStep(name: string): string | undefined {
  if (name.startsWith("exporting ")) return name;
  const [, sources] = /^\[[^\]]*\] (?:COPY|ADD) (.*)$/s.exec(name) ?? [];
  const isLocal = sources !== undefined && !/(?:^|\s)(?:https?:\/\/|git@|git:\/\/|ssh:\/\/)/.test(sources);
  return isLocal || name === "copy /context /" ? name : undefined;
}

function isSame(one: BuildkitVertexStatus, other: BuildkitVertexStatus): boolean {
  const { name, current, total, completed } = other;
  return one.name === name && one.current === current && one.total === total && one.completed === completed;
}
