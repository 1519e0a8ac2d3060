/** The hidden subcommand that the completion scripts call, followed by the words on the command line. */
export const askCandidates = "__complete";
