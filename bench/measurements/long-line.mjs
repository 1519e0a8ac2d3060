// How much more peak memory the command needs for a build that prints 100 MB in one line than for a quiet one.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { startPrivateEngine } from "@molecule/test-fixtures";
import { templates } from "../templates.mjs";

const quiet = "a quiet build";
const loud = "a build that prints 100 MB in one line";

function longLine(builder) {
  return {
    name: `long-line-${builder}`,
    title: `Peak memory of the command (RSS), ${builder === "buildkit" ? "BuildKit" : "classic builder"}`,
    unit: "MiB",
    rounds: 2,
    ours: loud,
    targets: [{ of: loud, beyond: quiet, atMostMs: 32 }],
    async contenders(stage) {
      for (const template of ["tiny", "long-line"]) await stage.serve(template);
      const address = builder === "buildkit" ? stage.engine.address : await classicEngine(stage);
      const env = { ...stage.env, DOCKER_HOST: address };
      return [
        { name: quiet, run: () => peakOfBuild(stage, "tiny", env) },
        { name: loud, run: () => peakOfBuild(stage, "long-line", env) },
      ];
    },
  };
}

const classicEngines = new WeakMap();
async function classicEngine({ opened, engine }) {
  if (!classicEngines.has(engine)) {
    const started = startPrivateEngine({ offersBuildkit: false });
    classicEngines.set(engine, await opened(started, (one) => one.stop()));
  }
  return classicEngines.get(engine).address;
}

/** Returns the peak memory of `refresh`, in MiB. */
function peakOfBuild(stage, template, env) {
  const args = [stage.command, "refresh", templates[template].runtime, "--progress", "plain"];
  const child = spawn(process.execPath, args, {
    env,
    signal: stage.signal,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let peak = 0;
  const sampler = setInterval(() => (peak = Math.max(peak, highWaterMiB(child.pid))), 20);
  // Only its end: the build prints 100 MB.
  let end = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (end = `${end}${text}`.slice(-2000)));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => {
      clearInterval(sampler);
      if (status === 0) resolve(peak);
      else reject(new Error(`refresh of ${template} ended with ${status}:\n${end}`));
    });
  });
}

/** The peak memory of the process so far; 0 once it has exited. */
function highWaterMiB(pid) {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

export const longLines = [longLine("buildkit"), longLine("classic")];
