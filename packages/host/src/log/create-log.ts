import type { Writable } from "node:stream";
import type { Log, Mask } from "@molecule/core";
import type { Logger } from "winston";
import { maskedLog } from "./masked-log.js";

/** The loudest first. */
export const logLevels = ["error", "warn", "info", "debug"] as const;
/** How loud a line is. */
export type LogLevel = (typeof logLevels)[number];

/** Which lines are written, how and where. */
export interface LogOptions {
  /** Lines below it are dropped. */
  readonly level: LogLevel;
  readonly format: "text" | "json";
  /** Takes one line, with its line end. */
  readonly write: (line: string) => void;
  readonly mask: Mask;
}

/** A log that must be closed for its last lines to be written; what is said afterwards is dropped. */
export interface ClosableLog extends Log {
  close(): Promise<void>;
}

interface Line {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly timestamp: string;
}

/** A winston log behind a mask. winston is loaded with the first line that counts; lines stay in order meanwhile. */
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
      const line = { level: own, message, fields, timestamp: new Date().toISOString() };
      if (logger !== undefined) logger.log(line);
      else waiting.push(line);
      loading ??= load();
      // Whoever closes the log learns of a failure; a line alone must not end the process.
      loading.catch(() => undefined);
    };
  const log = maskedLog(
    { debug: put("debug"), info: put("info"), warn: put("warn"), error: put("error") },
    mask,
  );

  return {
    ...log,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
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
    // Lines below the level never come here.
    level: "debug",
    format: winston.format.printf((info) => shape(info as unknown as Line)),
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- winston declares it as an interface
    transports: [new winston.transports.Stream({ stream, eol: "\n" })],
  });
}

function asJson({ level, message, fields, timestamp }: Line): string {
  return JSON.stringify({ ...fields, timestamp, level, message });
}

function asText({ level, message, fields, timestamp }: Line): string {
  const shown = Object.entries(fields).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`);
  // A line end from outside must not look like the beginning of another line.
  return `${timestamp} ${level} ${message.replaceAll("\n", "\\n")}${shown.join("")}`;
}
