// Only one build at a time in a clone: two would write and remove each other's files.
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "./pnpm.mjs";

const pollMs = 100;

/** Waits until no other build runs. Returns a function that lets the next one begin. */
export async function lockBuild(file = join(root, ".tools", "build.lock")) {
  await mkdir(dirname(file), { recursive: true });
  for (let isFirst = true; !isTaken(file); isFirst = false) {
    if (isFirst) console.error(`Waiting for another build in this clone to end (${file}) ...`);
    if (isHeld(file)) await sleep(pollMs);
    else rmSync(file, { force: true });
  }
  const release = () => rmSync(file, { force: true });
  process.once("exit", release);
  return () => {
    process.off("exit", release);
    release();
  };
}

function isTaken(file) {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    // With its content, unlike an exclusive write.
    linkSync(own, file);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    return false;
  } finally {
    rmSync(own);
  }
}

/** Whether the process that wrote the file still runs. One that was killed has left its file. */
function isHeld(file) {
  try {
    process.kill(Number(readFileSync(file, "utf8")), 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
