/** Why a connection failed, and what to do about it. */
export interface ConnectionFault {
  /** One clause, such as `its certificate has expired`. */
  readonly why: string;
  readonly hint: string;
}

interface Row {
  readonly when: RegExp;
  readonly fault: (host: string, detail: string) => ConnectionFault;
}

/*
 * Patterns for the error's code and message. Measured with Node 20.20 (OpenSSL 3.0), which uses the code EPROTO for
 * every failure in the first flight, and with git 2.39.5 (curl 7.88 with GnuTLS). The names with underscores are those
 * of newer Node versions; the texts without a prefix are those of a git with OpenSSL, which match Node's.
 */
const rows: readonly Row[] = [
  {
    when: /^ERR_TLS_CERT_ALTNAME_INVALID\b|certificate subject name|subjectAltName does not match/,
    fault: (host, detail) => ({
      why: `its certificate is for another host${detail}`,
      hint: `Configure the host name that the certificate is for, or install a certificate for ${host} on the server.`,
    }),
  },
  {
    when: /^CERT_HAS_EXPIRED\b|certificate has expired/,
    fault: () => ({
      why: "its certificate has expired",
      hint: "Renew the server's certificate; if it is valid, correct this machine's clock.",
    }),
  },
  {
    when: /^CERT_NOT_YET_VALID\b|certificate is not yet valid/,
    fault: () => ({
      why: "its certificate is not valid yet",
      hint: "Correct this machine's clock; if it is right, replace the server's certificate.",
    }),
  },
  {
    when: /^(?:SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?|UNABLE_TO_VERIFY_LEAF_SIGNATURE|CERT_UNTRUSTED)\b|in certificate chain|issuer certificate|verify the first certificate/,
    fault: () => untrusted("its certificate is not signed by a trusted authority"),
  },
  {
    when: /^DEPTH_ZERO_SELF_SIGNED_CERT\b|self.signed/,
    fault: () => untrusted("its certificate is self-signed"),
  },
  {
    // GnuTLS uses this text for each of the four above.
    when: /server certificate verification failed/,
    fault: () => ({
      why: "its certificate is not signed by a trusted authority, or not valid now",
      hint: "Name the file with the server's certificate authority in NODE_EXTRA_CA_CERTS, or check the certificate's dates and this machine's clock.",
    }),
  },
  {
    when: /unexpected TLS packet|wrong version number|packet length too long|http request|WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST/,
    fault: (host) => ({
      why: "it does not speak TLS on this port",
      hint: `Use http:// if ${host} serves plain http there, or the port that serves https.`,
    }),
  },
  {
    when: /unsupported version was received|alert protocol version|unsupported protocol|ALERT_PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/,
    fault: () => ({
      why: "it supports no TLS version that is accepted here",
      hint: "Enable TLS 1.2 or later on the server.",
    }),
  },
  {
    when: /alert (?:certificate required|bad certificate|unknown ca)|ALERT_(?:CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA)/,
    fault: () => ({
      why: "it requires a client certificate",
      hint: "Allow this host without a client certificate: none can be configured.",
    }),
  },
  {
    when: /gnutls_handshake\(\) failed: Handshake failed|TLS fatal alert has been received|alert handshake failure|no shared cipher|ALERT_HANDSHAKE_FAILURE|NO_SHARED_CIPHER/,
    fault: () => ({
      why: "the TLS handshake failed: no common cipher, or a client certificate is required",
      hint: "Enable TLS 1.2 or later with current ciphers on the server, and do not require a client certificate.",
    }),
  },
  {
    when: /unrecognized name|UNRECOGNIZED_NAME/,
    fault: (host) => ({
      why: `it has no certificate for ${host}`,
      hint: "Configure the host name that the server has a certificate for.",
    }),
  },
  {
    when: /(?:ee|ca|dh) key too small|md too weak|(?:EE|CA|DH)_KEY_TOO_SMALL|MD_TOO_WEAK/,
    fault: () => ({
      why: "its certificate or key is too weak",
      hint: "Install a certificate with a key of at least 2048 bits and SHA-256 on the server.",
    }),
  },
  {
    when: /before secure TLS connection was established|TLS connection was non-properly terminated|SSL_ERROR_SYSCALL/,
    fault: (host) => ({
      why: "it closed the connection during the TLS handshake",
      hint: `Check that ${host} serves https on this port.`,
    }),
  },
  {
    when: /^(?:CERT_|CRL_|INVALID_|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH|ERR_TLS_|ERR_SSL_|EPROTO)|gnutls_handshake|GnuTLS|SSL certificate|SSL routines|schannel|SSL: /,
    fault: (_host, detail) => ({
      why: `the TLS handshake failed${detail}`,
      hint: "Check the server's certificate and TLS configuration.",
    }),
  },
];

function untrusted(why: string): ConnectionFault {
  return { why, hint: "Name the file with the server's certificate authority in NODE_EXTRA_CA_CERTS." };
}

const maxDetail = 200;

/**
 * Returns the fault of a failed connection to an https URL; undefined if it is unrelated to TLS.
 * @param code the code of Node's error
 * @param message the message of Node's error, or of git
 */
export function tlsFault(url: URL, code: string | undefined, message: string): ConnectionFault | undefined {
  const text = `${code ?? ""} ${message}`;
  const row = rows.find(({ when }) => when.test(text));
  return row?.fault(url.hostname, detailOf(code, message));
}

/** Returns the names in the peer's certificate, or OpenSSL's reason. */
function detailOf(code: string | undefined, message: string): string {
  const [, names] = /(?:altnames|cert's list|CN): *(.*)$/s.exec(message) ?? [];
  const [, subject] = /certificate subject name [('"]([^)'"]*)/.exec(message) ?? [];
  const [, reason] = /:SSL routines:[^:]*:([^:]+):/.exec(message) ?? [];
  const detail = subject ?? (code === "ERR_TLS_CERT_ALTNAME_INVALID" ? names : (reason ?? code));
  return detail === undefined || detail === "" ? "" : `: ${detail.slice(0, maxDetail)}`;
}
