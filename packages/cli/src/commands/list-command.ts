import type { CommonOptions } from "../options/common-options.js";
import { isAlias, listImages, type ListedImage } from "../host/list-images.js";
import { megabytes } from "../options/megabytes.js";
import { openCommandHost } from "../host/open-command-host.js";
import { printJson, printLine } from "../terminal/print.js";
import type { Terminal } from "../terminal/terminal.js";

/** Lists the images with our labels, and those of known runtimes under the current prefix. */
export async function listCommand(options: CommonOptions, terminal: Terminal): Promise<number> {
  const host = await openCommandHost(options, terminal);
  try {
    const { registry, settings } = host;
    const call = { signal: terminal.signal };
    const engine = (await host.imageEngine(call)) ?? host.engine;
    const images = await listImages(engine, registry.prefix, settings.runtimes, call);
    if (options.json === true) printJson(terminal.stdout, { images });
    else for (const image of images) printLine(terminal.stdout, row(image, Date.now()));
    return 0;
  } finally {
    await host.close();
  }
}

function row(image: ListedImage, now: number): string {
  const { reference, imageId, tags } = image;
  // The alias names the same image as the reference.
  const others = tags.filter((tag) => tag !== reference && !isAlias(tag));
  return [
    [reference ?? imageId, ...others].join(" "),
    image.revision?.slice(0, 12) ?? "-",
    image.platform,
    megabytes(image.sizeBytes),
    age(image.createdAt, now),
  ].join("  ");
}

/** Returns an age such as `3 h`, in whole units. */
function age(since: string, now: number): string {
  const minutes = Math.floor((now - Date.parse(since)) / 60_000);
  // Ignores a small clock difference.
  if (minutes < -1) return "in the future";
  if (minutes < 120) return `${String(Math.max(0, minutes))} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${String(hours)} h` : `${String(Math.floor(hours / 24))} d`;
}
