// The site's configuration. VitePress reads it from the staged copy of the documents, artifacts/site-source.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitepress";

const stage = dirname(dirname(fileURLToPath(import.meta.url)));
const root = dirname(dirname(stage));
const source = "https://git.moleculesai.app/molecule-ai/molecule-image-sources/src/branch/main";

export default defineConfig({
  title: "molecule-image",
  description: "Builds or pulls the container image for a workspace runtime, and runs it.",
  outDir: join(dirname(stage), "site"),
  rewrites: { "README.md": "index.md" },
  cleanUrls: false,
  lastUpdated: false,
  // Text in our prose that looks like a tag is a placeholder, such as <runtime>.
  markdown: { html: false, config: (markdown) => void markdown.core.ruler.push("source-links", sourceLinks) },
  themeConfig: {
    search: { provider: "local" },
    outline: [2, 3],
    nav: [
      { text: "Docs", link: "/docs/README" },
      { text: "API", link: "/reference/index" },
      { text: "Changelog", link: "/CHANGELOG" },
    ],
    sidebar: [
      ...documentGroups(),
      { text: "Decisions", collapsed: true, items: decisions() },
      { text: "API reference", collapsed: true, items: reference() },
    ],
    socialLinks: [],
  },
});

/** The groups of docs/README.md: its headings, and the pages linked below each. */
function documentGroups() {
  const groups = readFileSync(join(stage, "docs", "README.md"), "utf8")
    .split(/^## /m)
    .slice(1);
  return groups.map((group) => ({
    text: group.split("\n", 1)[0],
    collapsed: false,
    items: [...group.matchAll(/\]\(([\w./-]+\.md)\)/g)]
      .map(([, target]) => normalize(join("docs", target)))
      .filter((path, index, all) => all.indexOf(path) === index && existsSync(join(stage, path)))
      .map((path) => ({
        text: titleOf(path),
        link: `/${path.replace(/^README\.md$/, "index.md").replace(/\.md$/, "")}`,
      })),
  }));
}

function decisions() {
  const pages = readdirSync(join(stage, "docs", "adr")).filter((file) => /^\d{4}-.*\.md$/.test(file));
  return ["README.md", ...pages.sort()].map((file) => ({
    text: titleOf(join("docs", "adr", file)),
    link: `/docs/adr/${file.replace(/\.md$/, "")}`,
  }));
}

function reference() {
  return readdirSync(join(stage, "reference", "@molecule"))
    .sort()
    .map((file) => file.replace(/\.md$/, ""))
    .map((name) => ({ text: `@molecule/${name}`, link: `/reference/@molecule/${name}` }));
}

function titleOf(path) {
  return /^# (.+)$/m.exec(readFileSync(join(stage, path), "utf8"))?.[1].replaceAll("`", "") ?? path;
}

/** Links to files that the site does not have, such as a source file, lead to the repository. */
function sourceLinks({ tokens, env }) {
  for (const token of tokens.flatMap(({ children }) => children ?? [])) {
    if (token.type !== "link_open") continue;
    const href = token.attrGet("href") ?? "";
    if (/^(?:[a-z][a-z+.-]*:|#|\/)/.test(href)) continue;
    const [path, hash] = href.split("#");
    const target = normalize(
      join(dirname(env.relativePath === "index.md" ? "README.md" : env.relativePath), path),
    );
    if (existsSync(join(stage, target)) && /\.\w+$/.test(target)) continue;
    if (!existsSync(join(root, target))) throw new Error(`${env.relativePath}: dead link ${href}`);
    token.attrSet("href", `${source}/${target}${hash === undefined ? "" : `#${hash}`}`);
  }
}
