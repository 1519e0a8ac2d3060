/** Tokens of the services in the host application's container. Registered symbols, equal in all copies. */
export const tokens = {
  imageProvider: Symbol.for("@molecule/imageProvider"),
  imageSource: Symbol.for("@molecule/imageSource"),
  engine: Symbol.for("@molecule/engine"),
  fetch: Symbol.for("@molecule/fetch"),
  run: Symbol.for("@molecule/run"),
  clock: Symbol.for("@molecule/clock"),
  log: Symbol.for("@molecule/log"),
} as const;
