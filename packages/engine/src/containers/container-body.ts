import type { ContainerSpec } from "@molecule/core";

/** Returns the body of the create call. */
export function containerBody(spec: ContainerSpec): Readonly<Record<string, unknown>> {
  const { imageId, env, args, labels, autoRemove, stdin, terminal, create = {} } = spec;
  const assigned = Object.entries(env).map(([key, value]) => `${key}=${value}`);
  // The engine keeps both entries of a variable, and programs read the first one.
  const others = (create.Env ?? []).filter((entry) => !Object.hasOwn(env, nameIn(entry)));
  return {
    ...create,
    ...(stdin === undefined ? {} : { AttachStdin: stdin, OpenStdin: stdin, StdinOnce: stdin }),
    ...(terminal === undefined ? {} : { Tty: terminal }),
    ...(args === undefined ? {} : { Cmd: args }),
    Image: imageId,
    Env: [...others, ...assigned],
    Labels: { ...create.Labels, ...labels },
    HostConfig: { ...create.HostConfig, AutoRemove: autoRemove },
  };
}

function nameIn(entry: string): string {
  return entry.split("=", 1)[0] ?? entry;
}
