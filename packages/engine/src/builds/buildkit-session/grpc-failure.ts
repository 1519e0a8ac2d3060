/** The gRPC status codes that this side sends (grpc.github.io/grpc/core/md_doc_statuscodes.html). */
export const grpcCodes = {
  ok: 0,
  invalidArgument: 3,
  notFound: 5,
  unimplemented: 12,
  internal: 13,
} as const;

/** A failure to report to the peer. The text is sent as is, so it must contain no secrets and no internal details. */
export class GrpcFailure extends Error {
  override readonly name = "GrpcFailure";

  constructor(
    readonly code: (typeof grpcCodes)[keyof typeof grpcCodes],
    readonly text: string,
  ) {
    super(text);
  }
}
