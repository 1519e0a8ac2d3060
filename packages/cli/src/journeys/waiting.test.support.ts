import { readFile, readdir } from "node:fs/promises";
import { startFakeEngine, type FakeEngine } from "@molecule/testkit";

/** Waits until the condition holds; rejects after a minute. */
export async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error("it did not come to that within a minute");
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Returns the command lines of processes with this text in their arguments or environment. */
export async function processesOf(text: string): Promise<string[]> {
  const lines = await Promise.all(
    (await readdir("/proc")).map(async (entry) => {
      const command = await readFile(`/proc/${entry}/cmdline`, "utf8").catch(() => "");
      const environment = await readFile(`/proc/${entry}/environ`, "utf8").catch(() => "");
      return `${command}\0${environment}`.includes(text) ? [command.replaceAll("\0", " ")] : [];
    }),
  );
  return lines.flat();
}

/** Starts an engine without images, so that the command runs git next. */
export function startEmptyEngine(): Promise<FakeEngine> {
  return startFakeEngine(({ url = "" }, response) => {
    const isImage = /^\/images\/.+\/json/.test(url);
    response.writeHead(isImage ? 404 : 200, { "content-type": "application/json", server: "Docker/28.0.0" });
    response.end(isImage ? '{"message":"No such image: x"}' : url.startsWith("/images/json") ? "[]" : "{}");
  });
}
