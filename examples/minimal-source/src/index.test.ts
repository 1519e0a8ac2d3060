import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { imageArchive, imageSourceSuite } from "@molecule/testkit";
import plugin from "./index.js";

imageSourceSuite({
  test,
  source: plugin,
  upstream: async ({ door }) => {
    const files = new Map<string, Buffer>();
    const server = createServer(({ url = "" }, response) => {
      response.writeHead(files.has(url) ? 200 : 404).end(files.get(url));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = await door(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const archives: Record<string, { url: string; sha256: string }> = {};
    return {
      // The configuration names the current image; it is read again after each `publish`.
      get options() {
        return { archives: { ...archives } };
      },
      async publish(runtime, version) {
        const { bytes, sha256 } = imageArchive({ files: { "message.txt": `${version}\n` } });
        files.set(`/${version}.tar`, bytes);
        archives[runtime] = { url: `${address}/${version}.tar`, sha256 };
      },
      async stop() {
        server.closeAllConnections();
        server.close();
      },
    };
  },
});
