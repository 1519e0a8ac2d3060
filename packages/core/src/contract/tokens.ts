/** Names of the services in the host application's container. Symbols from the registry: any copy of this file agrees. */
export const tokens = {
  imageProvider: Symbol.for("@molecule/imageProvider"),
  imageSource: Symbol.for("@molecule/imageSource"),
  engine: Symbol.for("@molecule/engine"),
  fetch: Symbol.for("@molecule/fetch"),
  run: Symbol.for("@molecule/run"),
  clock: Symbol.for("@molecule/clock"),
  log: Symbol.for("@molecule/log"),
} as const;
