import type { RequestListener } from "node:http";
import type { WatchHealth } from "./watch-health.js";

/** Serves `GET /health`: 200 if no runtime is failing, else 503. Passes other requests on. */
export function withHealth(health: WatchHealth, next: RequestListener): RequestListener {
  return (request, response) => {
    const [path] = (request.url ?? "").split("?");
    if (path !== "/health" || !["GET", "HEAD"].includes(request.method ?? "")) {
      next(request, response);
      return;
    }
    const { ok, runtimes } = health;
    response.writeHead(ok ? 200 : 503, { "content-type": "application/json", "cache-control": "no-store" });
    response.end(`${JSON.stringify({ ok, runtimes })}\n`);
  };
}
