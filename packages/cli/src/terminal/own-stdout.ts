import { Writable } from "node:stream";

/**
 * Keeps stdout for the result: whatever else writes to `process.stdout`, `console.log` of a dependency or of a plugin
 * included, goes to stderr. Returns the only way to stdout.
 */
export function ownStdout(stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream): Writable {
  const write = stdout.write.bind(stdout);
  // Looked up for each write: a mask or a display may stand before stderr by then.
  stdout.write = (...args: unknown[]) => (stderr.write as (...args: unknown[]) => boolean)(...args);
  return new Writable({
    decodeStrings: false,
    write: (chunk: string | Uint8Array, encoding, done) => {
      if (typeof chunk === "string") write(chunk, encoding, done);
      else write(chunk, done);
    },
  });
}
