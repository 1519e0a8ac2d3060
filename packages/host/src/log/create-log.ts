import type { Writable } from "node:stream";
import type { Log, Mask } from "@molecule/core";
import type { Logger } from "winston";
import { maskedLog } from "./masked-log.js";

/** The log levels, most severe first. */
export const logLevels = ["error", "warn", "info", "debug"] as const;
/** The severity of a line. */
export type LogLevel = (typeof logLevels)[number];

/** Options of {@link createLog}. */
export interface LogOptions {
  /** Less severe lines are dropped. */
  readonly level: LogLevel;
  readonly format: "text" | "json";
  /** Receives one line, including the newline. */
  readonly write: (line: string) => void;
  readonly mask: Mask;
}

/** A log that must be closed to flush its last lines. Lines logged after that are dropped. */
export interface ClosableLog extends Log {
  close(): Promise<void>;
  /** Same as {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

interface Line {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly time: string;
}

/** Creates a masked winston log. winston is loaded with the first line that is not dropped; lines keep their order. */
export function createLog({ level, format, write, mask }: LogOptions): ClosableLog {
  const waiting: Line[] = [];
  let logger: Logger | undefined;
  let loading: Promise<void> | undefined;
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    await loading;
    const open = logger;
    if (open === undefined) return;
    await new Promise<void>((resolve, reject) => {
      open.once("finish", resolve).once("error", reject);
      open.end();
    });
  }

  async function load(): Promise<void> {
    logger = await createWinston(format, write);
    for (const line of waiting.splice(0)) logger.log(line);
  }

  const put =
    (own: LogLevel): Log[LogLevel] =>
    (message, fields = {}) => {
      if (closing !== undefined || logLevels.indexOf(own) > logLevels.indexOf(level)) return;
      const line = { level: own, message, fields, time: new Date().toISOString() };
      if (logger !== undefined) logger.log(line);
      else waiting.push(line);
      loading ??= load();
      // Closing the log reports a failure; logging a line must not end the process.
      loading.catch(() => undefined);
    };
  const log = maskedLog(
    { debug: put("debug"), info: put("info"), warn: put("warn"), error: put("error") },
    mask,
  );

  const closeOnce = (): Promise<void> => (closing ??= close());
  return { ...log, close: closeOnce, [Symbol.asyncDispose]: closeOnce };
}

async function createWinston(format: LogOptions["format"], write: LogOptions["write"]): Promise<Logger> {
  const [{ default: winston }, { Writable }] = await Promise.all([import("winston"), import("node:stream")]);
  const stream: Writable = new Writable({
    decodeStrings: false,
    write: (line: string, _encoding, done) => {
      write(line);
      done();
    },
  });
  const shape = format === "json" ? asJson : asText;
  return winston.createLogger({
    // Lines are filtered by level before they reach winston.
    level: "debug",
    format: winston.format.printf((info) => shape(info as unknown as Line)),
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- winston declares it as an interface
    transports: [new winston.transports.Stream({ stream, eol: "\n" })],
  });
}

function asJson({ time, level, message, fields }: Line): string {
  const own = { time, level, message };
  // The first puts these keys in front; the second keeps fields from replacing their values.
  return JSON.stringify({ ...own, ...fields, ...own });
}

function asText({ time, level, message, fields }: Line): string {
  const shown = Object.entries(fields).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`);
  // A newline from outside must not look like the start of another log line.
  return `${time} ${level} ${message.replaceAll("\n", "\\n")}${shown.join("")}`;
}
