import type { StartedContainer } from "@molecule/provisioner";
import type { Terminal } from "./terminal.js";

/**
 * Connects this terminal to the container: forwards keys in raw mode and follows the size. Returns a function that
 * restores the terminal. Node also restores it when the process exits.
 */
export function linkTerminal(
  { id, engine, output }: StartedContainer,
  { stdin, screen }: Terminal,
): () => void {
  const resize = (): void => {
    const [columns = 0, rows = 0] = screen?.getWindowSize() ?? [];
    // Resizing is best effort: the container may have exited.
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
