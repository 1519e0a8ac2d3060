import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { silentLog, silentReport, type Call, type ContextEntry, type Progress } from "@molecule/core";
import { diskTree } from "./disk-tree.js";
import { withContext } from "./with-context.js";

let directory: string;
let events: (number | { readonly step: string; readonly ok: boolean })[];
let leave: AbortController;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "packing-"));
  await writeFile(join(directory, "Dockerfile"), "FROM scratch\n");
  events = [];
  leave = new AbortController();
});
afterEach(() => rm(directory, { recursive: true }));

const progress: Progress = {
  async step(step, _what, work) {
    let ok = false;
    try {
      const result = await work({ ...silentReport, amount: (done) => events.push(done) });
      ok = true;
      return result;
    } finally {
      events.push({ step, ok });
    }
  },
};
const call = (): Call => ({ signal: leave.signal, progress, log: silentLog, fresh: false });
const request = () => ({ tree: diskTree(directory), dockerfile: "Dockerfile", modifiedAt: new Date(0) });
const last = () => events.at(-1);

test("the step lasts until the last byte is read, and reports the byte count", async () => {
  const { length } = await withContext(request(), call(), async (context) => {
    const bytes = await buffer((await context.archive("docker")).stream);
    await new Promise((resolve) => setImmediate(resolve));
    expect(last()).toEqual({ step: "context", ok: true });
    return bytes;
  });
  expect(events.at(-2)).toBe(length);
});

test("the step ends when the builder needs no more files", async () => {
  await withContext(request(), call(), async (context) => {
    for await (const entry of context.entries()) expect(entry.path).toBe("Dockerfile");
    context.onReceived?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(last()).toEqual({ step: "context", ok: true });
  });
});

test("the step lasts until the last file is fetched, and reports the byte count", async () => {
  await writeFile(join(directory, "other"), "other");
  await withContext(request(), call(), async (context) => {
    const files: ContextEntry[] = [];
    for await (const entry of context.entries()) files.push(entry);
    for (const file of files) {
      expect(events).not.toContainEqual({ step: "context", ok: true });
      for await (const chunk of context.open(file)) expect(chunk.length).toBe(file.size);
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(last()).toEqual({ step: "context", ok: true });
  });
  expect(events.at(-2)).toBe("FROM scratch\n".length + "other".length);
});

test("the step ends with the build if the Dockerfile copies nothing, and the builder may read twice", async () => {
  expect(await withContext(request(), call(), async () => "built")).toBe("built");
  expect(last()).toEqual({ step: "context", ok: true });
  const [one, two] = await withContext(request(), call(), async (context) => [
    await buffer((await context.archive("docker")).stream),
    await buffer((await context.archive("docker")).stream),
  ]);
  expect(one.equals(two)).toBe(true);
});

test("a reader that stops early ends the step, with its reason", async () => {
  await writeFile(join(directory, "much"), Buffer.alloc(1024 * 1024));
  const refused = withContext(request(), call(), async (context) => {
    (await context.archive("docker")).stream.read();
    throw new Error("refused");
  });
  await expect(refused).rejects.toThrow("refused");
  expect(last()).toEqual({ step: "context", ok: false });
});

test("a packing failure is the reported reason, whatever the receiver reports", async () => {
  execFileSync("mkfifo", [join(directory, "pipe")]);
  const failed = withContext(request(), call(), async (context) => {
    await buffer((await context.archive("docker")).stream).catch(() => undefined);
    throw new Error("the engine got only part of it");
  });
  await expect(failed).rejects.toMatchObject({ code: "TEMPLATE_INVALID" });
  expect(last()).toEqual({ step: "context", ok: false });
});

test("an abort ends the step", async () => {
  await writeFile(join(directory, "much"), Buffer.alloc(1024 * 1024));
  const left = withContext(request(), call(), async (context) => {
    (await context.archive("docker")).stream.read();
    leave.abort(new Error("left"));
    throw leave.signal.reason;
  });
  await expect(left).rejects.toThrow("left");
  expect(last()).toEqual({ step: "context", ok: false });
});
