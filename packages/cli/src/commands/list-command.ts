import type { CommonOptions } from "../options/common-options.js";
import { listImages } from "../host/list-images.js";
import { openCommandHost } from "../host/open-command-host.js";
import { printJson, printLine } from "../terminal/print.js";
import { showImages } from "./show-images.js";
import type { Terminal } from "../terminal/terminal.js";

/** Lists the images with our labels, and those of known runtimes under the current prefix or of a plugin. */
export async function listCommand(options: CommonOptions, terminal: Terminal): Promise<number> {
  const host = await openCommandHost(options, terminal);
  try {
    const { registry, settings, imageNames } = host;
    const call = { signal: terminal.signal };
    const engine = await host.imageEngine(call);
    if (engine === undefined)
      host.log.warn("cannot list the images of the source: they are in no container engine", {
        source: host.selection.source,
      });
    const images = await listImages(
      engine ?? host.engine,
      { prefix: registry.prefix, imageNames },
      settings.runtimes,
      call,
    );
    if (options.json === true) printJson(terminal.stdout, { images });
    else {
      const lines = showImages(images, { now: Date.now(), isForTerminal: terminal.showsResult });
      for (const line of lines) printLine(terminal.stdout, line);
    }
    return 0;
  } finally {
    await host.close();
  }
}
