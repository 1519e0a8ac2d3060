#!/bin/sh
# Creates an authority, and certificates for the builders and for the hosts: certificates.sh DIRECTORY
# Running it again with the same directory renews the certificates. Keep ca.key offline.
set -eu
umask 077
mkdir -p "$1/server" "$1/client"
cd "$1"

key() { openssl ecparam -genkey -name prime256v1 -noout -out "$1"; }

if [ ! -e ca.key ]; then
  key ca.key
  openssl req -x509 -new -key ca.key -days 3650 -subj "/CN=molecule builders" -out ca.pem
fi

# A build step may be able to read the key of its builder. The usages prevent that key from reaching another builder.
issue() {
  key "$1/key.pem"
  printf 'basicConstraints = critical,CA:FALSE\nkeyUsage = critical,digitalSignature\n%s\n' "$3" >"$1/extensions"
  openssl req -new -key "$1/key.pem" -subj "/CN=$2" |
    openssl x509 -req -CA ca.pem -CAkey ca.key -CAcreateserial -days 365 -extfile "$1/extensions" -out "$1/cert.pem"
  rm "$1/extensions"
  cp ca.pem "$1/ca.pem"
}
issue server buildkitd "extendedKeyUsage = serverAuth
subjectAltName = DNS:*.buildkitd.molecule-builders.svc"
issue client molecule-image "extendedKeyUsage = clientAuth"
