/**
 * Client that sends a service one request after the other and prints the results. It runs in a separate process, so nothing else delays it.
 *
 * node honest-client.mjs ADDRESS: asks until its standard input ends.
 */
import { Agent, request } from 'node:http';

const [address] = process.argv.slice(2);

/** Pause between questions, in milliseconds: it must not load the service itself. */
const PAUSE_MS = 20;

const pixels = Buffer.from(Array.from({ length: 784 }, (_, i) => (i * 37) % 256));
const input = { name: 'images', shape: [1, 28, 28, 1], datatype: 'UINT8', parameters: { binary_data_size: 784 } };
const json = Buffer.from(JSON.stringify({ inputs: [input], outputs: [{ name: 'logits' }] }));

const QUESTIONS = {
  tensor: {
    path: '/v2/models/digits/infer',
    headers: { 'inference-header-content-length': String(json.length) },
    body: Buffer.concat([json, pixels]),
    answerOf: (body) => JSON.stringify(body.outputs),
  },
  drawing: {
    path: '/v1/digits',
    headers: { 'content-type': 'application/json' },
    body: Buffer.from('{"strokes":[[[0,0],[60,0],[25,90]]]}'),
    answerOf: ({ text }) => text,
  },
  probe: { method: 'GET', path: '/v2/health/ready', headers: {}, body: Buffer.alloc(0), answerOf: String },
};

let isOver = false;
process.stdin.on('end', () => (isOver = true)).resume();

const agent = new Agent({ keepAlive: true, maxSockets: 3 });
const reports = {};
await Promise.all(
  Object.entries(QUESTIONS).map(async ([name, question]) => {
    const report = { durationsMs: [], numRefused: 0, numLost: 0, answers: [], others: [] };
    reports[name] = report;
    while (!isOver) {
      const startedAt = performance.now();
      const { status, body, error } = await ask(question);
      if (status === 200) {
        report.durationsMs.push(performance.now() - startedAt);
        const answer = question.answerOf(JSON.parse(body));
        if (!report.answers.includes(answer)) report.answers.push(answer);
      } else if (status === 503) report.numRefused++;
      // An idle connection may be closed at any time; a client asks again then.
      else if (error === 'ECONNRESET') report.numLost++;
      else report.others.push(`${status ?? error} ${body ?? ''}`);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }),
);
agent.destroy();
process.stdout.write(JSON.stringify(reports));

function ask({ method = 'POST', path, headers, body }) {
  return new Promise((resolve) => {
    const asked = request(`${address}${path}`, {
      method,
      agent,
      headers: { ...headers, 'content-length': body.length },
    });
    asked.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode, body: text }));
      response.on('error', ({ code }) => resolve({ error: code }));
    });
    asked.on('error', ({ code }) => resolve({ error: code }));
    asked.end(body);
  });
}
