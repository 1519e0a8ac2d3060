/** A snapshot of a plugin file that a configuration file names by its path. */
export interface PluginFile {
  /** The name in the configuration file. */
  readonly name: string;
  /** Absolute, without links. */
  readonly path: string;
  /** The hex digest of the content. */
  readonly sha256: string;
}
