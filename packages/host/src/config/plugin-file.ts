/** A plugin file that a configuration file names by its path, as it was when it was looked at. */
export interface PluginFile {
  /** As it is named. */
  readonly name: string;
  /** Absolute, without links. */
  readonly path: string;
  /** Hex, of the content. */
  readonly sha256: string;
}
