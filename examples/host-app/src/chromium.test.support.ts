import { access } from "node:fs/promises";
import { chromium, type Browser } from "playwright-core";

const executablePath = "/usr/bin/chromium";

/** Whether this machine has the browser. */
export const hasChromium = await access(executablePath).then(
  () => true,
  () => false,
);
if (!hasChromium) process.stderr.write(`skipped: the page, because ${executablePath} is missing\n`);

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
