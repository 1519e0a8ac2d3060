import { access } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { describeWithEngine } from "@molecule/testkit";
import { chromium, type Browser, type Page } from "playwright-core";
import { startApp, stays, templateWith, type RunningApp } from "./host-app.test.support.js";

const executablePath = "/usr/bin/chromium";
const hasChromium = await access(executablePath).then(
  () => true,
  () => false,
);

test("there is a Chromium to show the page in, or this is no CI", () => {
  if (!hasChromium) process.stderr.write(`skipped: the page, because there is no ${executablePath}\n`);
  expect(hasChromium || process.env.CI !== "true").toBe(true);
});

(hasChromium ? describeWithEngine : () => undefined)(
  { describe, test },
  "the page, in a browser",
  ({ address }) => {
    let browser: Browser;
    let page: Page;
    let app: RunningApp;
    const wrong: string[] = [];
    beforeAll(async () => {
      browser = await chromium.launch({
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
    }, 60_000);
    afterAll(() => browser.close());
    beforeEach(async () => {
      app = await startApp(address);
      page = await browser.newPage();
      page.on("pageerror", (error) => wrong.push(String(error)));
      await page.goto(app.url);
    });
    afterEach(async () => {
      await page.close();
      await app.stop();
      expect(wrong.splice(0)).toEqual([]);
    });

    const started = async (runtime: string): Promise<void> => {
      await page.getByLabel("Runtime").selectOption(runtime);
      await page.getByRole("button", { name: "Start" }).click();
    };

    test("starts a workspace, shows how it comes to run, and removes it", async () => {
      const steps = `RUN echo a line of the build && /bin/sleep 2\n${stays}`;
      await app.forge.addTemplate("hermes", templateWith(steps));
      await started("hermes");
      const item = page.getByRole("listitem");
      await item.locator("pre", { hasText: "a line of the build" }).waitFor();
      await item.locator(".state", { hasText: "running" }).waitFor({ timeout: 30_000 });
      expect(await item.getByText(/workspace-template-hermes:[0-9a-f]{12}/).count()).toBe(1);
      expect(await item.locator("pre").isVisible()).toBe(false);
      // Who comes later sees it as well.
      await page.reload();
      await item.locator(".state", { hasText: "running" }).waitFor();
      await item.getByRole("button", { name: "Remove" }).click();
      await item.waitFor({ state: "detached" });
    });

    test("shows a failed build with its last lines and what to do, as text", async () => {
      await app.forge.addTemplate("codex", templateWith('RUN echo "<img src=x onerror=alert(1)>" && exit 3'));
      await started("codex");
      const item = page.getByRole("listitem");
      await item.locator(".state", { hasText: "failed" }).waitFor({ timeout: 30_000 });
      expect(await item.locator(".detail").textContent()).toMatch(
        /^BUILD_FAILED: .*exit code 3.* must change\.$/,
      );
      expect(await item.locator("pre").textContent()).toContain("<img src=x onerror=alert(1)>");
      expect(await page.locator("img").count()).toBe(0);
    });
  },
);
