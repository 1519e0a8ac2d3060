/** Where a container engine listens. Made by `findEngineEndpoint`; nothing is contacted for it. */
export type EngineEndpoint = UnixEndpoint | TcpEndpoint;

interface Named {
  /** What names an engine that is none of Docker's: a variable or key. */
  readonly namedBy?: string;
}

/** An engine at a socket of this machine. */
export interface UnixEndpoint extends Named {
  readonly kind: "unix";
  /** `unix:///var/run/docker.sock`. */
  readonly address: string;
  readonly socketPath: string;
}

/** An engine at a host and port, with or without TLS. */
export interface TcpEndpoint extends Named {
  readonly kind: "tcp";
  /** `tcp://host:2376`, without a user or password. */
  readonly address: string;
  readonly host: string;
  readonly port: number;
  /** Undefined: plain text. */
  readonly tls: TlsMaterial | undefined;
}

/** PEM texts; what is undefined is not used. */
export interface TlsMaterial {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  /** Whether the engine's certificate is checked. */
  readonly verify: boolean;
}
