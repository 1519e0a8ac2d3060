// The engines of the matrix: which Debian each comes from, and how it is set up. Each engine reports its own version.

/** Programs that the engines, or the tests that run with them, need. */
const packages = [
  ...["docker.io", "docker-cli", "docker-buildx", "podman", "buildah", "runc", "crun", "conmon"],
  ...[
    "iptables",
    "iproute2",
    "ca-certificates",
    "uidmap",
    "slirp4netns",
    "fuse-overlayfs",
    "cosign",
    "skopeo",
  ],
  ...["git", "docker-registry", "busybox-static", "procps", "openssl"],
];

/** sid may change or disappear at any time, so a run continues without it. */
const suites = {
  trixie: { suite: "trixie", title: "Debian 13", isRequired: true, packages, aptOptions: [] },
  sid: {
    suite: "sid",
    title: "Debian sid",
    isRequired: false,
    packages,
    // A snapshot or a slow mirror may serve a Release file past its expiry date.
    aptOptions: ['Acquire::Check-Valid-Until "false"'],
  },
};

const engines = [
  { name: "docker-26", kind: "docker", from: suites.trixie },
  { name: "docker-28", kind: "docker", from: suites.sid },
  { name: "docker-28-containerd", kind: "docker", from: suites.sid, imageStore: "containerd" },
  { name: "podman-5.4", kind: "podman", from: suites.trixie },
  { name: "podman-5.8", kind: "podman", from: suites.sid },
  { name: "buildah-1.39", kind: "buildah", from: suites.trixie },
  { name: "buildah-1.43", kind: "buildah", from: suites.sid },
];

export const engineNames = engines.map(({ name }) => name);

/** Returns the engines with these names; `all` means every one. Prints all names and exits with 2 on an unknown one. */
export function findEngines(names) {
  const wanted = new Set(names.flatMap((name) => (name === "all" ? engineNames : [name])));
  const unknown = [...wanted].filter((name) => !engineNames.includes(name));
  if (unknown.length > 0) {
    console.error(`unknown engine ${unknown.join(", ")}; choose from ${engineNames.join(", ")}, or all`);
    process.exit(2);
  }
  return engines.filter(({ name }) => wanted.has(name));
}

/** The suites that these engines come from, without duplicates. */
export const suitesOf = (wanted) => [...new Set(wanted.map(({ from }) => from))];
