import { usage } from "./container-error.js";

/** A container to start. */
export interface StartRequest {
  readonly runtime: string;
  /** Undefined lets the engine generate one. */
  readonly name?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
  /** Arguments for the image's entry point; undefined keeps the image's own. */
  readonly args?: readonly string[] | undefined;
  /** Further labels. */
  readonly labels?: Readonly<Record<string, string>>;
  /** The engine removes the container when it exits. */
  readonly autoRemove?: boolean;
  /** First removes any container of that name, even a running one or one of another tool. */
  readonly replace?: boolean;
  /** Attaches to the container's output from its first byte. */
  readonly attach?: boolean;
  /** Whether stdin is open; if attached, write to `output.stdin`. Default: false, stdin is empty. */
  readonly stdin?: boolean;
  /** Whether to allocate a terminal; all output is then on stdout. Default: false. */
  readonly terminal?: boolean;
}

/** Throws `USAGE` for values that no engine accepts. Contacts nothing. */
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
