import type { DependencyContainer } from "tsyringe";

/** A tsyringe container: the host application's own, or the child that the host composes itself in. */
export type HostContainer = DependencyContainer;
