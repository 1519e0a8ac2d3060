/** Status codes of gRPC, as far as they are answered (grpc.github.io/grpc/core/md_doc_statuscodes.html). */
export const grpcCodes = {
  ok: 0,
  invalidArgument: 3,
  notFound: 5,
  unimplemented: 12,
  internal: 13,
} as const;

/** Why a call is answered without a message. The text goes to the other side: no secret, nothing from inside. */
export class GrpcFailure extends Error {
  override readonly name = "GrpcFailure";

  constructor(
    readonly code: (typeof grpcCodes)[keyof typeof grpcCodes],
    readonly text: string,
  ) {
    super(text);
  }
}
