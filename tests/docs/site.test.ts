import { execFile } from "node:child_process";
import { access, readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { chromium, type Browser } from "playwright-core";
import { root } from "./documents.js";

/*
 * The documents as a site: it builds, its search works without a network, and it contacts no other host.
 */

const site = join(root, "artifacts", "site");
const executablePath = "/usr/bin/chromium";
const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
};

let server: Server;
let browser: Browser;
beforeAll(async () => {
  await promisify(execFile)(process.execPath, [join(root, "scripts", "docs-site", "main.mjs")]);
  await access(executablePath).catch(() => {
    throw new Error(`${executablePath} is missing; on Debian: apt-get install chromium`);
  });
  server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://site").pathname;
    readFile(join(site, path)).then(
      (body) =>
        response.setHeader("Content-Type", types[extname(path)] ?? "application/octet-stream").end(body),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
  });
}, 300_000);
afterAll(async () => {
  await browser.close();
  server.close();
});

test("a reader searches the site and opens a result, and no other host is contacted", async () => {
  const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const page = await browser.newPage();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).origin));
  await page.goto(`${origin}/index.html`);
  await page
    .getByRole("button", { name: /search/i })
    .first()
    .click();
  await page.getByRole("searchbox").fill("MOLECULE_GITEA_TOKEN");
  await page.locator("a.result").first().click();
  await page.getByText("MOLECULE_GITEA_TOKEN").first().waitFor();

  expect(await page.locator("h1").count()).toBe(1);
  expect(new Set(asked)).toEqual(new Set([origin]));
});

test("the API reference has a page for each package", async () => {
  const text = await readFile(join(site, "reference", "@molecule", "host.html"), "utf8");

  expect(text).toContain("createImageProvider");
});
