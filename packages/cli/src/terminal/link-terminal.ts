import type { StartedContainer } from "@molecule/provisioner";
import type { Terminal } from "./terminal.js";

/**
 * Makes this terminal that of the container: keys go there as they are typed, and it follows the size. Returns how to
 * put this terminal back. Node does that as well when the process ends in another way.
 */
export function linkTerminal(
  { id, engine, output }: StartedContainer,
  { stdin, screen }: Terminal,
): () => void {
  const resize = (): void => {
    const [columns = 0, rows = 0] = screen?.getWindowSize() ?? [];
    // A container that has exited needs no size, and one without a size still works.
    if (columns > 0 && rows > 0) void engine.resizeContainer(id, { columns, rows }).catch(() => undefined);
  };
  const isRaw = output?.stdin !== undefined && stdin.isTTY;
  if (isRaw) stdin.setRawMode(true);
  screen?.on("resize", resize);
  resize();
  return () => {
    screen?.off("resize", resize);
    if (isRaw) stdin.setRawMode(false);
  };
}
