/** Asks about one thing at a time; what comes meanwhile waits, and of that only the latest is asked about. */
export interface LatestReader<Subject> {
  readonly read: (subject: Subject) => void;
  /** Drops what waits; the answer under way is not passed on. */
  readonly forget: () => void;
}

/**
 * Makes a {@link LatestReader}.
 *
 * @param ask answers, or fails
 * @param onAnswer is called with every answer, in the order asked
 */
export function createLatestReader<Subject, Answer>(
  ask: (subject: Subject) => Promise<Answer>,
  onAnswer: (answer: Answer) => void,
  onError: (error: unknown) => void,
): LatestReader<Subject> {
  let waiting: { readonly subject: Subject } | null = null;
  let isBusy = false;
  let generation = 0;
  const next = async (): Promise<void> => {
    isBusy = true;
    while (waiting !== null) {
      const { subject } = waiting;
      const asked = generation;
      waiting = null;
      try {
        const answer = await ask(subject);
        if (asked === generation) onAnswer(answer);
      } catch (error) {
        onError(error);
      }
    }
    isBusy = false;
  };
  return {
    read: (subject) => {
      waiting = { subject };
      if (!isBusy) void next();
    },
    forget: () => {
      waiting = null;
      generation++;
    },
  };
}
