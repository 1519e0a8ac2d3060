/**
 * Private files of the user below the cache directory. Creating a store has no side effects. All its directories belong
 * to the user, are closed to other users and are not links: anything else is refused with `STORAGE_UNUSABLE`, and so is
 * a disk that is full or read-only.
 *
 * Names are relative paths without `..`, such as `locks` or `hermes/9c04ccd00a1f`. Names that begin with the name of a
 * runtime belong to its checkouts, so begin your own with a dot.
 */
export interface Store {
  /** Returns the records below a name. */
  records(name: string): Records;
  /** Creates a directory, unless it exists, and returns its absolute path. Rejects with `STORAGE_UNUSABLE`. */
  privateDirectory(name: string): Promise<string>;
  /**
   * Creates an empty directory beside the place of a name, with a path that no other call gets. Also removes those that
   * ended processes have left beside it, and ends the programs that still run in them. Rejects with `STORAGE_UNUSABLE`.
   */
  workDirectory(name: string): Promise<WorkDirectory>;
  /**
   * Returns the user's directories directly below a name, or at the top; none if it does not exist, is a link or belongs
   * to another user. Never rejects.
   */
  directories(name?: string): Promise<readonly StoredDirectory[]>;
  /**
   * Removes a directory of this store; one that is already gone is not an error. Ends the programs that still run in it
   * if it is a work directory, or its name begins with a dot. If the removal is interrupted, a later work directory
   * beside it completes it. Rejects with the file system's error.
   * @param path that of a stored directory
   */
  discard(path: string): Promise<void>;
}

/** Small JSON values, each in a file of its own, so that processes that write different keys do not disturb each other. */
export interface Records {
  /** Returns a value; undefined if there is none, it cannot be read, or another user could have written it. Never rejects. */
  read(key: string): Promise<unknown>;
  /** Returns every value that `read` would return, in no particular order. Never rejects. */
  all(): Promise<readonly unknown[]>;
  /** Replaces a value atomically, even if the process or the machine crashes. Rejects with `STORAGE_UNUSABLE`. */
  write(key: string, value: unknown): Promise<void>;
  /** Removes a value, if there is one. Rejects with `STORAGE_UNUSABLE`. */
  remove(key: string): Promise<void>;
}

/** A private directory that exists until its user removes it, or until its process has ended. */
export interface WorkDirectory {
  readonly path: string;
  /** The absolute path that the name stands for, and {@link WorkDirectory.keep} fills. */
  readonly place: string;
  /** Creates an empty directory in it and returns its path. Rejects with `STORAGE_UNUSABLE`. */
  directory(name: string): Promise<string>;
  /** Writes a new file in it that only the user can read, and returns its path. Rejects with `STORAGE_UNUSABLE`. */
  write(name: string, text: string): Promise<string>;
  /**
   * Moves one of its directories to {@link WorkDirectory.place}. Anything already there, of any kind, is removed without
   * being followed. If another call moves its own there at the same time, one of the two stays. Rejects with the file
   * system's error.
   */
  keep(name: string): Promise<void>;
  /** Removes it with everything in it. Rejects with the file system's error. */
  remove(): Promise<void>;
}

/** A directory in a store. */
export interface StoredDirectory {
  /** Its own name; for a work directory the last part of the name that it was created for. */
  readonly name: string;
  readonly path: string;
  /** The process that works in it; null unless it is a work directory. `unknown`: it may run in another container. */
  readonly worker: "running" | "gone" | "unknown" | null;
}
