/** What the completion scripts call the command with, before the words that are typed. Not for people. */
export const askCandidates = "__complete";
