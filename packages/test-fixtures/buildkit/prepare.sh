#!/bin/sh
# Builds buildkitd and buildctl once, and prints the directory that contains them. `check`: only prints why it cannot.
set -eu
cd "$(dirname "$0")"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/molecule/buildkit
version=$(awk '$1 == "github.com/moby/buildkit" { print $2; exit }' go.mod)
bin=$cache/$version-$(cat go.mod go.sum | sha256sum | cut -c1-12)
PATH=$PATH:/usr/local/go/bin
if [ "${1:-}" = check ]; then
  [ -d "$bin" ] || command -v go >/dev/null || echo "go not in PATH, which builds BuildKit"
  exit
fi
if [ "${LOCKED:-}" = "" ] && [ ! -d "$bin" ]; then
  mkdir -p "$cache"
  # The lock is released when the process that holds it exits, for whatever reason.
  LOCKED=yes exec flock "$cache/lock" ./prepare.sh
fi
if [ ! -d "$bin" ]; then
  echo "Building BuildKit $version in $bin: two to five minutes ..." >&2
  rm -rf "$cache/part"
  packages="github.com/moby/buildkit/cmd/buildctl github.com/moby/buildkit/cmd/buildkitd"
  # At a low priority, beside tests.
  CGO_ENABLED=0 nice go build -trimpath -o "$cache/part/" \
    -ldflags "-s -w -X github.com/moby/buildkit/version.Version=$version" $packages >&2
  mv "$cache/part" "$bin"
fi
echo "$bin"
