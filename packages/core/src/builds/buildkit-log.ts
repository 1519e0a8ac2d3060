import { createLineSplitter, type LineSplitter } from "../text/line-splitter.js";
import type { BaseImages } from "./base-images.js";
import type { BuildOutput, BuilderLog } from "./builder-log.js";
import { createBuildkitParts } from "./buildkit-parts.js";
import type { BuildkitStatus, BuildkitVertex, BuildkitVertexLog } from "./buildkit-status.js";
import { fetchedImage } from "./fetched-image.js";

/** Interprets BuildKit's messages: reports its steps, their output, the bytes of transfers, and silent phases. */
export function createBuildkitLog(
  output: BuildOutput,
  bases: Pick<BaseImages, "takeStep" | "takeWarning">,
): BuilderLog<BuildkitStatus> {
  const announced = new Set<string>();
  const finished = new Set<string>();
  const known = new Set<string>();
  const splitters = new Map<string, LineSplitter>();
  /** Names by digest. A step may restart after it has completed. */
  const running = new Map<string, string>();
  let fetching: string | undefined;
  let failed: string | undefined;
  const parts = createBuildkitParts(output);

  const announce = ({ digest, name }: BuildkitVertex, prefix: string): void => {
    if (announced.has(digest)) return;
    announced.add(digest);
    output.line(`${prefix}${name}`);
  };
  const finish = ({ digest, name, error }: BuildkitVertex): void => {
    if (finished.has(digest)) return;
    finished.add(digest);
    for (const stream of streams) splitters.get(`${digest} ${String(stream)}`)?.end();
    if (error === "") return;
    output.line(`ERROR ${name}: ${error}`);
    // Steps that run in parallel to the failed one are cancelled and report that as their error.
    if (!error.includes("context canceled")) failed ??= name;
  };
  const takeVertex = (vertex: BuildkitVertex): void => {
    known.add(vertex.digest);
    bases.takeStep(vertex.name);
    if (vertex.started && fetchedImage(vertex.name) !== undefined) fetching = vertex.name;
    if (vertex.completed || vertex.error !== "") running.delete(vertex.digest);
    else if (vertex.started) running.set(vertex.digest, vertex.name);
    if (vertex.started) announce(vertex, vertex.cached ? "CACHED " : "");
    parts.takeVertex(vertex);
    if (vertex.completed || vertex.error !== "") finish(vertex);
  };
  const takeLog = ({ vertex, stream, message }: BuildkitVertexLog): void => {
    const key = `${vertex} ${String(stream)}`;
    const splitter = splitters.get(key) ?? createLineSplitter((line) => output.line(line));
    splitters.set(key, splitter);
    splitter.write(message);
  };
  return {
    take: ({ vertexes, statuses, logs, warnings }) => {
      const before = finished.size;
      const changes = statuses.filter((status) => parts.takeStatus(status));
      for (const log of logs) takeLog(log);
      for (const vertex of vertexes) takeVertex(vertex);
      for (const warning of warnings) bases.takeWarning(warning);
      const isUncounted = changes.some(({ current, total }) => current === 0 && total === 0);
      if (finished.size !== before || isUncounted) output.amount(finished.size, known.size, "steps");
      parts.report(vertexes.length + logs.length + warnings.length + changes.length > 0);
    },
    end: () => {
      for (const splitter of splitters.values()) splitter.end();
    },
    get step() {
      return failed ?? [...running.values()].at(-1);
    },
    get fetching() {
      return fetching;
    },
  };
}

/** The stream numbers that VertexLog uses for stdout and stderr. */
const streams = [1, 2];
