import { usage } from "./container-error.js";

/** A container to start, and from which runtime's image. */
export interface StartRequest {
  readonly runtime: string;
  /** Undefined: the engine invents one. */
  readonly name?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
  /** Arguments for the image's entry point; undefined keeps the image's own. */
  readonly args?: readonly string[] | undefined;
  /** Further labels. */
  readonly labels?: Readonly<Record<string, string>>;
  /** The engine removes the container when it exits. */
  readonly autoRemove?: boolean;
  /** A container of that name is removed first, whoever started it and whether it runs. */
  readonly replace?: boolean;
  /** Gives the container's output from its first byte on. */
  readonly attach?: boolean;
  /** Its stdin is open; attached, `output.stdin` is what it reads. Default: false, it is empty. */
  readonly stdin?: boolean;
  /** It gets a terminal, and all of its output is stdout. Default: false. */
  readonly terminal?: boolean;
}

/** Throws `USAGE` for what no engine would take. Asked before anything is touched. */
export function assertStartRequest({ name, env = {} }: StartRequest): void {
  if (name !== undefined && !/^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,127}$/.test(name)) {
    throw usage(
      `${JSON.stringify(name)} is not a container name`,
      "Use 2 to 128 letters, digits, '_', '.' and '-', beginning with a letter or digit.",
    );
  }
  for (const [key, value] of Object.entries(env)) {
    if (key === "" || /[=\0]/.test(key) || value.includes("\0")) {
      throw usage(
        `${JSON.stringify(key)} is not the name of a variable`,
        "Write --env NAME=VALUE or --env NAME.",
      );
    }
  }
}
