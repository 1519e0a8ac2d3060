// The one option of the command.
import { parseArgs } from "node:util";

export const usage = "npm run forge -- --port P";

/** Returns the port, or undefined for a free one. Throws an error whose message is one line. */
export function readPort(args) {
  const { port } = parse(args);
  if (port === undefined) return undefined;
  const number = /^\d{1,5}$/.test(port) ? Number(port) : 0;
  if (number < 1 || number > 65_535)
    throw new Error(`--port must be a number from 1 to 65535, not ${JSON.stringify(port)}`);
  return number;
}

function parse(args) {
  try {
    return parseArgs({ args, options: { port: { type: "string" } } }).values;
  } catch (error) {
    throw new Error(error.message.split("\n")[0].replace(/\. .*$/, ""), { cause: error });
  }
}
