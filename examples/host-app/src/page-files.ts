import { readFile } from "node:fs/promises";
import type { FastifyInstance } from "fastify";

const files = {
  "/": ["index.html", "text/html; charset=utf-8"],
  "/page.css": ["page.css", "text/css; charset=utf-8"],
  "/page.js": ["page.js", "text/javascript; charset=utf-8"],
} as const;

/** The page may load only what this server serves, and no site may frame it. */
const policy = "default-src 'self'; frame-ancestors 'none'";

export function servePage(server: FastifyInstance): void {
  for (const [path, [name, type]] of Object.entries(files)) {
    server.get(path, async (_request, reply) => {
      reply.type(type).header("content-security-policy", policy).header("cache-control", "no-cache");
      return readFile(new URL(`../public/${name}`, import.meta.url), "utf8");
    });
  }
}
