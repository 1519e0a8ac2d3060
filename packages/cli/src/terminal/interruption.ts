/** The signals that cancel a command, with the exit status that shells report for each. */
export const statusByInterruption = { SIGHUP: 129, SIGINT: 130, SIGQUIT: 131, SIGTERM: 143 } as const;

/** A signal that cancels a command. */
export type Interruption = keyof typeof statusByInterruption;

/** Signals that are only forwarded to an attached container, as by `docker run`. */
export const passedOnly = ["SIGUSR1", "SIGUSR2"] as const;

/** A signal that is forwarded to an attached container. */
export type ContainerSignal = Interruption | (typeof passedOnly)[number];
