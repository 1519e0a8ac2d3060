import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { describeWithEngine } from "@molecule/test-fixtures";
import type { Browser, Page } from "playwright-core";
import { hasChromium, launchChromium } from "./chromium.test.support.js";
import { startApp, templateWith, type RunningApp } from "./host-app.test.support.js";

test("finds Chromium, unless this is a local run", () => {
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
      browser = await launchChromium();
    });
    afterAll(() => browser.close());
    beforeEach(async () => {
      app = await startApp(address);
      page = await browser.newPage();
      page.setDefaultTimeout(60_000);
      page.on("pageerror", (error) => wrong.push(String(error)));
      await page.goto(app.url);
    });
    afterEach(async () => {
      await page.close();
      await app.stop();
      expect(wrong.splice(0)).toEqual([]);
    });

    /** Saves a screenshot to the directory that `HOST_APP_PICTURES` names, if it is set. */
    const picture = async (name: string): Promise<void> => {
      const folder = process.env.HOST_APP_PICTURES;
      if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png` });
    };

    const started = async (runtime: string): Promise<void> => {
      await page.getByLabel("Runtime").selectOption(runtime);
      await page.getByRole("button", { name: "Start" }).click();
    };

    const card = () => page.getByRole("listitem").filter({ has: page.getByRole("heading") });
    const state = (text: string) => card().getByRole("status").filter({ hasText: text });

    test("starts a workspace, shows its progress, and removes it", async () => {
      // The page is opened a second time while the build is running.
      const steps = `RUN echo a line of the build && /bin/sleep 10\nCMD ["/bin/sh", "-c", "echo ready; sleep 600"]`;
      await app.forge.addTemplate("hermes", templateWith(steps));
      await page.getByText("No workspace yet").waitFor();
      await page.getByText(/local mode, by gitea-local-build, on docker/).waitFor();
      await started("hermes");
      await card().locator("pre.build", { hasText: "a line of the build" }).waitFor();
      await picture("preparing");
      expect(await card().locator(".steps li[data-ok=true] .name").allTextContents()).toEqual(
        expect.arrayContaining(["resolve", "find", "checkout"]),
      );
      // A page opened in the middle of a build shows the earlier progress.
      await page.reload();
      await card().locator("pre.build", { hasText: "a line of the build" }).waitFor();
      await state("running").waitFor();
      expect(await card().locator(".reference").textContent()).toMatch(
        /workspace-template-hermes:[0-9a-f]{12}/,
      );
      await card().getByRole("group", { name: "Output of the container of hermes" }).waitFor();
      expect(await card().locator("pre.build").isVisible()).toBe(false);
      await picture("running");
      await page.getByRole("button", { name: "Remove hermes" }).click();
      await card().waitFor({ state: "detached" });
      await page.getByText("No workspace yet").waitFor();
    });

    test("shows a failed build as text, with its last lines and a hint", async () => {
      await app.forge.addTemplate("codex", templateWith('RUN echo "<img src=x onerror=alert(1)>" && exit 3'));
      await started("codex");
      await state("failed").waitFor();
      const failure = card().locator(".failure");
      expect(await failure.locator(".code").textContent()).toBe("BUILD_FAILED");
      expect(await failure.locator(".message").textContent()).toMatch(/exit code 3/);
      expect(await failure.locator(".hint").textContent()).toContain("Dockerfile");
      expect(await card().locator("pre.build").textContent()).toContain("<img src=x onerror=alert(1)>");
      expect(await page.locator("img").count()).toBe(0);
      await picture("failed");
    });

    test("reports a lost connection to the server", async () => {
      await app.close();
      await page.getByRole("alert").filter({ hasText: "cannot be reached" }).waitFor();
    });
  },
);
