import { createMask, isImageSourceError } from "@molecule/core";
import { createLog } from "@molecule/host";
import { compose } from "./compose.js";
import { createServer } from "./server.js";

const log = createLog({
  level: "info",
  format: "json",
  mask: createMask(),
  write: (line) => void process.stderr.write(line),
});

try {
  const server = createServer(await compose({ env: process.env, cwd: process.cwd(), log }));
  // Cancels preparations, removes running containers, closes connections; then the process exits on its own.
  // A second signal ends it immediately.
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      void server.close().finally(() => log.close());
    });
  }
  process.stdout.write(
    `${await server.listen({ host: "127.0.0.1", port: Number(process.env.PORT ?? 0) })}\n`,
  );
} catch (error) {
  // A wrong configuration fails here, before anything is contacted.
  if (!isImageSourceError(error)) throw error;
  process.stderr.write(`${error.code}: ${error.message}\n${error.hint}\n`);
  process.exitCode = 1;
}
