import "reflect-metadata";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { ImageSourceError } from "@molecule/core";
import type { Browser, Locator, Page } from "playwright-core";
import { hasChromium, launchChromium } from "./chromium.test.support.js";
import { startScriptedApp, type ScriptedApp, type ScriptedStart } from "./scripted-app.test.support.js";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const failure = new ImageSourceError({
  code: "BUILD_FAILED",
  message: "cannot build hermes: exit code 3",
  hint: "Fix the Dockerfile.",
  output: "step 1\nstep 2",
});

test("finds Chromium, unless this is a local run", () => {
  expect(hasChromium || process.env.CI !== "true").toBe(true);
});

(hasChromium ? describe : () => undefined)("the page, with scripted workspaces", () => {
  let browser: Browser;
  let page: Page;
  let app: ScriptedApp;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    app = await startScriptedApp();
    page = await browser.newPage();
    await page.goto(app.url);
    await page.getByText("local mode, by scripted").waitFor();
  });
  afterEach(async () => {
    await page.close();
    await app.stop();
  });

  const button = (name: string): Locator => page.getByRole("button", { name, exact: true });
  const cards = (): Locator => page.locator(".card");
  const state = (text: string): Locator => cards().getByRole("status").filter({ hasText: text });
  const hasFocus = async (locator: Locator): Promise<boolean> =>
    (await locator.and(page.locator(":focus")).count()) === 1;

  /** Starts one more workspace of the selected runtime. */
  async function started(): Promise<ScriptedStart> {
    const count = app.starts.length;
    await button("Start").click();
    await cards().nth(count).waitFor();
    const last = app.starts.at(-1);
    if (last === undefined) throw new Error("nothing was started");
    return last;
  }

  /** Returns the rules that the page breaks, in both colour schemes. */
  async function violations(): Promise<string[]> {
    const found: string[] = [];
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.evaluate(axe);
      found.push(
        ...(await page.evaluate(async () => {
          const { axe: runner } = globalThis as unknown as {
            axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
          };
          const { violations: broken } = await runner.run();
          return broken.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
        })),
      );
    }
    return found;
  }

  /** Returns the controls that are smaller than a finger. */
  async function smallTargets(): Promise<string[]> {
    const controls = await page.locator("button:visible, select:visible, summary:visible").all();
    const sized = controls.map(async (control) => {
      const { width = 0, height = 0 } = (await control.boundingBox()) ?? {};
      return { size: Math.min(width, height), text: await control.innerText() };
    });
    return (await Promise.all(sized)).flatMap(({ size, text }) =>
      size < 44 ? [`${text} has ${String(size)} px`] : [],
    );
  }

  test("is accessible in every state, and its controls are large enough", async () => {
    const checked: Record<string, string[]> = {};
    const check = async (name: string): Promise<void> => {
      checked[name] = [...(await violations()), ...(await smallTargets())];
    };
    await check("empty");
    const one = await started();
    one.progress({ type: "started", what: "hermes" });
    one.progress({ type: "amount", done: 1, total: 3, unit: "steps" });
    one.progress({ type: "output", line: "a line of the build" });
    await cards().getByText("a line of the build").waitFor();
    await check("preparing");
    one.fail(failure);
    await state("failed").waitFor();
    await check("failed");
    const two = await started();
    two.run();
    two.print("ready\n");
    await cards().getByText("ready").waitFor();
    await check("running");
    two.exit(3);
    await state("exited with 3").waitFor();
    await check("exited");
    await app.stop();
    await page.getByRole("alert").filter({ hasText: "cannot be reached" }).waitFor();
    await check("disconnected");

    expect(checked).toEqual({
      empty: [],
      preparing: [],
      failed: [],
      running: [],
      exited: [],
      disconnected: [],
    });
  }, 60_000);

  test("two workspaces of one runtime have buttons with different names", async () => {
    await started();
    await started();
    (await started()).run();
    await button("Remove hermes 3").waitFor();
    expect(await button("Cancel hermes").count()).toBe(1);
    expect(await button("Cancel hermes 2").count()).toBe(1);
  });

  test("Cancel ends a preparation", async () => {
    await started();
    await button("Cancel hermes").click();
    await page.getByText("No workspace yet").waitFor();
  });

  test("focus moves to the next workspace after Remove, and to the form after the last", async () => {
    (await started()).run();
    (await started()).run();
    await button("Remove hermes 2").press("Enter");
    await cards().nth(1).waitFor({ state: "detached" });
    expect(await hasFocus(button("Remove hermes"))).toBe(true);
    await button("Remove hermes").press("Enter");
    await cards().first().waitFor({ state: "detached" });
    expect(await hasFocus(page.getByLabel("Runtime"))).toBe(true);
  });

  test("Retry prepares a failed workspace again, and keeps the focus in it", async () => {
    const first = await started();
    first.progress({ type: "started", what: "the first attempt" });
    first.fail(failure);
    await button("Retry hermes").press("Enter");
    await state("preparing").waitFor();
    expect(await hasFocus(button("Cancel hermes"))).toBe(true);
    expect(await page.getByText("the first attempt").count()).toBe(0);
    app.starts.at(-1)?.run();
    await state("running").waitFor();
    expect(app.starts.length).toBe(2);
    expect(await cards().locator(".failure").isVisible()).toBe(false);
  });

  test("shows the steps and the container's output again after a reload", async () => {
    const start = await started();
    start.progress({ type: "started", what: "the build of hermes" });
    start.progress({ type: "finished", ok: true, durationMs: 1200 });
    start.run();
    start.print("ready\n");
    await cards().getByText("ready").waitFor();
    await page.reload();
    const output = page.getByRole("group", { name: "Output of the container of hermes" });
    await output.waitFor();
    expect(await output.textContent()).toBe("ready\n");
    await page.getByText("Steps").click();
    await page.getByText("the build of hermes").waitFor();
    expect(await cards().locator(".took").textContent()).toBe("1.2 s");
  });
});
