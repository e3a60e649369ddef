import { Agent, request } from 'node:http';

/** What became of one request. */
export interface Outcome {
  /** Null where the connection broke before an answer. */
  readonly status: number | null;
  /** Why it broke. */
  readonly errorCode: string | null;
  /** Whether the connection had answered another request before: a refusal to connect is no lost request. */
  readonly wasReused: boolean;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly body: string;
}

/** A client that asks again as soon as it is answered, over as many connections as it is told. */
export interface Load {
  readonly outcomes: readonly Outcome[];
  /** Lets what is under way end, and asks no more. */
  stop(): Promise<void>;
}

/**
 * Starts asking.
 *
 * @param isOver ends a connection's asking after an outcome, such as when the service no longer listens
 */
export function startLoad(
  url: string,
  payload: Buffer,
  headers: Record<string, string>,
  numConnections: number,
  isOver: (outcome: Outcome) => boolean = () => false,
): Load {
  const outcomes: Outcome[] = [];
  let isStopped = false;
  const askOn = async (): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (!isStopped) {
      const outcome = await ask(url, payload, headers, agent);
      outcomes.push(outcome);
      if (isOver(outcome)) break;
    }
    agent.destroy();
  };
  const asking = Array.from({ length: numConnections }, askOn);
  return {
    outcomes,
    stop: async () => {
      isStopped = true;
      await Promise.all(asking);
    },
  };
}

function ask(url: string, payload: Buffer, headers: Record<string, string>, agent: Agent): Promise<Outcome> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const end = (status: number | null, errorCode: string | null, body: string): void => {
      const durationMs = performance.now() - startedAt;
      resolve({ status, errorCode, wasReused: asked.reusedSocket, startedAt, durationMs, body });
    };
    const asked = request(
      url,
      { method: 'POST', agent, headers: { ...headers, 'content-length': payload.length } },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (body += chunk));
        response.on('end', () => {
          end(response.statusCode ?? 0, null, body);
        });
        response.on('error', (error: NodeJS.ErrnoException) => {
          end(null, error.code ?? error.message, body);
        });
      },
    );
    asked.on('error', (error: NodeJS.ErrnoException) => {
      end(null, error.code ?? error.message, '');
    });
    asked.end(payload);
  });
}
