// For @molecule/test-fixtures only: the published package has no such entry.
export * from "./conformance/bench/traces-of.js";
export * from "./conformance/world/run-image.js";
export { tarOf } from "./files/tar-of.js";
export * from "./files/temporary-directory.js";
export {
  respond,
  seenRequest,
  startHttpServer,
  type HttpServer,
  type SeenRequest,
} from "./http/http-server.js";
export * from "./run/programs.js";
