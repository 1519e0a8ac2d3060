import { createLog } from "@molecule/host";
import { createMask } from "@molecule/core";
import { compose } from "./compose.js";
import { createServer } from "./server.js";

const log = createLog({
  level: "info",
  format: "json",
  mask: createMask(),
  write: (line) => void process.stderr.write(line),
});
const server = createServer(await compose({ env: process.env, cwd: process.cwd(), log }));
const address = await server.listen({ host: "127.0.0.1", port: Number(process.env.PORT ?? 0) });
process.stdout.write(`${address}\n`);

// What is being prepared is cancelled, what runs is removed, connections are closed: then the process ends by itself.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    void server.close().then(() => log.close());
  });
}
