/** A picture worker without models, for tests of the pool: its file is JSON that says what to do. It answers with the id of its process. */
const kept = [];

const ACTS = {
  /** Answers at once. */
  answer: () => null,
  /** Answers after some milliseconds without work. */
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  /** Works for some milliseconds of processor time. */
  work(ms) {
    const start = process.cpuUsage().user;
    while (process.cpuUsage().user - start < ms * 1000);
  },
  /** Allocates and fills some MiB, then sleeps. */
  async fill(mib) {
    const kept = Buffer.alloc(mib * 1024 * 1024, 1);
    await ACTS.sleep(60_000);
    return kept;
  },
  /** Allocates and fills some MiB, and answers a second later, but keeps them. */
  async keep(mib) {
    kept.push(Buffer.alloc(mib * 1024 * 1024, 1));
    await ACTS.sleep(1000);
  },
  crash: () => process.exit(1),
  fail() {
    throw new Error('scripted');
  },
};

process.on('disconnect', () => process.exit());
process.on('message', async (request) => {
  if ('data' in request) {
    process.send({ ready: true });
    return;
  }
  const [name, amount] = JSON.parse(Buffer.from(request.task.file).toString());
  try {
    await ACTS[name](amount);
    process.send({ result: { refused: 'DAMAGED_PICTURE', message: String(process.pid) } });
  } catch (error) {
    process.send({ unexpected: error.message });
  }
});
