/** The signals that cancel a command, with the exit status that shells give to a process that they end. */
export const statusByInterruption = { SIGHUP: 129, SIGINT: 130, SIGQUIT: 131, SIGTERM: 143 } as const;

/** A signal that cancels a command. */
export type Interruption = keyof typeof statusByInterruption;

/** Signals that mean nothing to a command of ours; an attached container gets them, as from `docker run`. */
export const passedOnly = ["SIGUSR1", "SIGUSR2"] as const;

/** A signal that an attached container gets. */
export type ContainerSignal = Interruption | (typeof passedOnly)[number];
