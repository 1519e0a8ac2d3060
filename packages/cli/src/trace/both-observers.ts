import type { Observation, Observer } from "@molecule/core";

/** Passes all work to both observers. */
export function bothObservers(one: Observer, other: Observer): Observer {
  return {
    begin: (work) => bothObservations(one.begin(work), other.begin(work)),
    refused: (work, error) => {
      one.refused?.(work, error);
      other.refused?.(work, error);
    },
  };
}

function bothObservations(one: Observation, other: Observation): Observation {
  return {
    event: (event) => {
      one.event(event);
      other.event(event);
    },
    annotate: (attributes) => {
      one.annotate?.(attributes);
      other.annotate?.(attributes);
    },
    end: (outcome) => {
      one.end(outcome);
      other.end(outcome);
    },
  };
}
