/*
 * The body of the engine's container-create call, as `ContainerCreateOptions` of `@types/dockerode` 4.0.2 declares it
 * (DefinitelyTyped, MIT), without what this library sets itself and with types where that one has `any`. A value of
 * dockerode's type can be assigned to it. The declaration is here because `@types/dockerode` installs `@types/ssh2`,
 * and with it a second `@types/node`, with which an application does not compile unless it sets `skipLibCheck`.
 */

/**
 * Settings of a container, as the engine's create call takes them: volumes, ports, networks, limits, … The image, name
 * and platform are missing, because the library sets them.
 */
export interface ContainerCreateOptions {
  readonly Hostname?: string | undefined;
  readonly Domainname?: string | undefined;
  readonly User?: string | undefined;
  readonly ArgsEscaped?: boolean | undefined;
  readonly AttachStdin?: boolean | undefined;
  readonly AttachStdout?: boolean | undefined;
  readonly AttachStderr?: boolean | undefined;
  readonly Tty?: boolean | undefined;
  readonly OpenStdin?: boolean | undefined;
  readonly StdinOnce?: boolean | undefined;
  /** `NAME=VALUE`. */
  readonly Env?: readonly string[] | undefined;
  readonly Cmd?: readonly string[] | undefined;
  readonly Entrypoint?: string | readonly string[] | undefined;
  readonly Labels?: Readonly<Record<string, string>> | undefined;
  readonly Volumes?: Readonly<Record<string, object>> | undefined;
  readonly WorkingDir?: string | undefined;
  readonly NetworkDisabled?: boolean | undefined;
  readonly MacAddress?: string | undefined;
  /** Keys such as `8080/tcp`. */
  readonly ExposedPorts?: Readonly<Record<string, object>> | undefined;
  readonly StopSignal?: string | undefined;
  /** In seconds. */
  readonly StopTimeout?: number | undefined;
  readonly Healthcheck?: ContainerHealthcheck | undefined;
  readonly HostConfig?: ContainerHostConfig | undefined;
  readonly OnBuild?: readonly string[] | undefined;
  readonly Shell?: readonly string[] | undefined;
  readonly NetworkingConfig?:
    { readonly EndpointsConfig?: Readonly<Record<string, ContainerEndpoint>> | undefined } | undefined;
}

/** The health check of a container. Durations are in nanoseconds. */
export interface ContainerHealthcheck {
  readonly Test?: readonly string[] | undefined;
  readonly Interval?: number | undefined;
  readonly Timeout?: number | undefined;
  readonly StartPeriod?: number | undefined;
  readonly StartInterval?: number | undefined;
  readonly Retries?: number | undefined;
}

/** The settings of a container in one network. */
export interface ContainerEndpoint {
  readonly IPAMConfig?:
    | {
        readonly IPv4Address?: string | undefined;
        readonly IPv6Address?: string | undefined;
        readonly LinkLocalIPs?: readonly string[] | undefined;
      }
    | undefined;
  readonly Links?: readonly string[] | undefined;
  readonly Aliases?: readonly string[] | undefined;
  readonly NetworkID?: string | undefined;
  readonly EndpointID?: string | undefined;
  readonly Gateway?: string | undefined;
  readonly IPAddress?: string | undefined;
  readonly IPPrefixLen?: number | undefined;
  readonly IPv6Gateway?: string | undefined;
  readonly GlobalIPv6Address?: string | undefined;
  readonly GlobalIPv6PrefixLen?: number | undefined;
  readonly MacAddress?: string | undefined;
  readonly DriverOpts?: Readonly<Record<string, string>> | null | undefined;
}

/** A mount of a container. */
export interface ContainerMount {
  readonly Target: string;
  readonly Source?: string | undefined;
  readonly Type: "bind" | "volume" | "tmpfs" | "image";
  readonly ReadOnly?: boolean | undefined;
  readonly Consistency?: "default" | "consistent" | "cached" | "delegated" | undefined;
  readonly BindOptions?:
    | {
        readonly Propagation?: "private" | "rprivate" | "shared" | "rshared" | "slave" | "rslave" | undefined;
      }
    | undefined;
  readonly VolumeOptions?:
    | {
        readonly NoCopy?: boolean | undefined;
        readonly Labels?: Readonly<Record<string, string>> | undefined;
        readonly DriverConfig?:
          | {
              readonly Name?: string | undefined;
              readonly Options?: Readonly<Record<string, string>> | undefined;
            }
          | undefined;
        readonly Subpath?: string | undefined;
      }
    | undefined;
  readonly TmpfsOptions?:
    { readonly SizeBytes?: number | undefined; readonly Mode?: number | undefined } | undefined;
  readonly ImageOptions?: { readonly Subpath?: string | undefined } | undefined;
}

/** A weight or rate of one block device. */
export interface ContainerDeviceLimit {
  readonly Path: string;
  readonly Weight?: number | undefined;
  readonly Rate?: number | undefined;
}

/** The settings of a container that depend on its host. Sizes are in bytes. */
export interface ContainerHostConfig {
  readonly Annotations?: Readonly<Record<string, string>> | undefined;
  readonly AutoRemove?: boolean | undefined;
  /** `SOURCE:TARGET[:OPTIONS]`. */
  readonly Binds?: readonly string[] | undefined;
  readonly BlkioDeviceReadBps?: readonly ContainerDeviceLimit[] | undefined;
  readonly BlkioDeviceReadIOps?: readonly ContainerDeviceLimit[] | undefined;
  readonly BlkioDeviceWriteBps?: readonly ContainerDeviceLimit[] | undefined;
  readonly BlkioDeviceWriteIOps?: readonly ContainerDeviceLimit[] | undefined;
  readonly BlkioWeight?: number | undefined;
  readonly BlkioWeightDevice?: readonly ContainerDeviceLimit[] | undefined;
  readonly CapAdd?: readonly string[] | undefined;
  readonly CapDrop?: readonly string[] | undefined;
  readonly Cgroup?: string | undefined;
  readonly CgroupParent?: string | undefined;
  readonly CgroupnsMode?: string | undefined;
  readonly ConsoleSize?: readonly number[] | undefined;
  readonly ContainerIDFile?: string | undefined;
  readonly CpuCount?: number | undefined;
  readonly CpuPercent?: number | undefined;
  readonly CpuPeriod?: number | undefined;
  readonly CpuQuota?: number | undefined;
  readonly CpuRealtimePeriod?: number | undefined;
  readonly CpuRealtimeRuntime?: number | undefined;
  readonly CpusetCpus?: string | undefined;
  readonly CpusetMems?: string | undefined;
  readonly CpuShares?: number | undefined;
  readonly DeviceCgroupRules?: readonly string[] | undefined;
  readonly DeviceRequests?:
    | readonly {
        readonly Driver?: string | undefined;
        readonly Count?: number | undefined;
        readonly DeviceIDs?: readonly string[] | undefined;
        readonly Capabilities?: readonly (readonly string[])[] | undefined;
        readonly Options?: Readonly<Record<string, string>> | undefined;
      }[]
    | undefined;
  readonly Devices?:
    | readonly {
        readonly PathOnHost: string;
        readonly PathInContainer: string;
        readonly CgroupPermissions: string;
      }[]
    | undefined;
  readonly DiskQuota?: number | undefined;
  readonly Dns?: readonly string[] | undefined;
  readonly DnsOptions?: readonly string[] | undefined;
  readonly DnsSearch?: readonly string[] | undefined;
  readonly ExtraHosts?: readonly string[] | undefined;
  readonly GroupAdd?: readonly string[] | undefined;
  readonly Init?: boolean | undefined;
  readonly IpcMode?: string | undefined;
  readonly Isolation?: string | undefined;
  readonly KernelMemory?: number | undefined;
  readonly Links?: readonly string[] | undefined;
  readonly LogConfig?:
    { readonly Type: string; readonly Config?: Readonly<Record<string, string>> | undefined } | undefined;
  readonly MaskedPaths?: readonly string[] | undefined;
  readonly Memory?: number | undefined;
  readonly MemoryReservation?: number | undefined;
  readonly MemorySwap?: number | undefined;
  readonly MemorySwappiness?: number | undefined;
  readonly Mounts?: readonly ContainerMount[] | undefined;
  readonly NanoCpus?: number | undefined;
  readonly NetworkMode?: string | undefined;
  readonly OomKillDisable?: boolean | undefined;
  readonly OomScoreAdj?: number | undefined;
  readonly PidMode?: string | undefined;
  readonly PidsLimit?: number | undefined;
  readonly PortBindings?:
    | Readonly<
        Record<
          string,
          readonly { readonly HostIp?: string | undefined; readonly HostPort?: string | undefined }[]
        >
      >
    | undefined;
  readonly Privileged?: boolean | undefined;
  readonly PublishAllPorts?: boolean | undefined;
  readonly ReadonlyPaths?: readonly string[] | undefined;
  readonly ReadonlyRootfs?: boolean | undefined;
  readonly RestartPolicy?:
    { readonly Name: string; readonly MaximumRetryCount?: number | undefined } | undefined;
  readonly Runtime?: string | undefined;
  readonly SecurityOpt?: readonly string[] | undefined;
  readonly ShmSize?: number | undefined;
  readonly StorageOpt?: Readonly<Record<string, string>> | undefined;
  readonly Sysctls?: Readonly<Record<string, string>> | undefined;
  readonly Tmpfs?: Readonly<Record<string, string>> | undefined;
  readonly Ulimits?:
    | readonly {
        readonly Name?: string | undefined;
        readonly Soft?: number | undefined;
        readonly Hard?: number | undefined;
      }[]
    | undefined;
  readonly UsernsMode?: string | undefined;
  readonly UTSMode?: string | undefined;
  readonly VolumeDriver?: string | undefined;
  readonly VolumesFrom?: readonly string[] | undefined;
}
