/** Where a container engine listens, as returned by `findEngineEndpoint`. Creating one contacts nothing. */
export type EngineEndpoint = UnixEndpoint | TcpEndpoint;

interface EndpointOrigin {
  /** The variable or key that names the engine, if it is not one of Docker's. */
  readonly namedBy?: string;
}

/** An engine on a Unix socket of this machine. */
export interface UnixEndpoint extends EndpointOrigin {
  readonly kind: "unix";
  /** For example `unix:///var/run/docker.sock`. */
  readonly address: string;
  readonly socketPath: string;
}

/** An engine at a host and port, with or without TLS. */
export interface TcpEndpoint extends EndpointOrigin {
  readonly kind: "tcp";
  /** For example `tcp://host:2376`, without a user or password. */
  readonly address: string;
  readonly host: string;
  readonly port: number;
  /** Undefined for plain text. */
  readonly tls: TlsMaterial | undefined;
}

/** PEM texts; undefined ones are not used. */
export interface TlsMaterial {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  /** Whether to verify the engine's certificate. */
  readonly verify: boolean;
}
