import { Writable } from "node:stream";

/**
 * Reserves stdout for the result: other writes to `process.stdout`, such as `console.log` in a dependency or a plugin,
 * go to stderr. Returns the stream that writes to stdout.
 */
export function ownStdout(stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream): Writable {
  const write = stdout.write.bind(stdout);
  // Looked up for each write, because a mask or a display may wrap it later.
  stdout.write = (...args: unknown[]) => (stderr.write as (...args: unknown[]) => boolean)(...args);
  return new Writable({
    decodeStrings: false,
    write: (chunk: string | Uint8Array, encoding, done) => {
      if (typeof chunk === "string") write(chunk, encoding, done);
      else write(chunk, done);
    },
  });
}
