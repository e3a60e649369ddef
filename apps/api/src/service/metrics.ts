import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** From a small batch to a request just below the time limit, in seconds. */
const LATENCY_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const BATCH_BUCKETS = [1, 2, 4, 8, 16, 32, 64, 128, 512, 2048];

/** Source of an image. */
export type Source = 'tensor' | 'picture' | 'strokes';

/** Metrics of one app for Prometheus. */
export interface Metrics {
  readonly contentType: string;
  /** Returns the metrics in the text exposition format. */
  expose(): Promise<string>;
  /** Counts an answered request. */
  countRequest(method: string, route: string, status: number, durationMs: number): void;
  /** Counts a batch. */
  readonly countBatch: (numImages: number, durationMs: number) => void;
  /** Counts answered images and how many of them were rejected. */
  countAnswers(source: Source, numImages: number, numRejected: number): void;
}

/**
 * Creates the metrics of one app, including those of Node (event-loop lag, memory, garbage collection).
 *
 * @param queues read the lengths of the queues at each scrape
 * @see https://prometheus.io/docs/practices/naming/
 */
export function createMetrics(queues: { readonly images: () => number; readonly pictures: () => number }): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'digits_http_requests_total',
    help: 'Answered requests, by route and status.',
    labelNames: ['method', 'route', 'status'],
    registers,
  });
  const latency = new Histogram({
    name: 'digits_http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last byte of its response.',
    labelNames: ['method', 'route'],
    buckets: LATENCY_BUCKETS,
    registers,
  });
  const batches = new Histogram({
    name: 'digits_batch_images',
    help: 'Images per batch.',
    buckets: BATCH_BUCKETS,
    registers,
  });
  const network = new Histogram({
    name: 'digits_inference_duration_seconds',
    help: 'Inference time per batch.',
    buckets: LATENCY_BUCKETS,
    registers,
  });
  const answers = new Counter({
    name: 'digits_answers_total',
    help: 'Answered images, by source and by whether they were rejected as not a digit.',
    labelNames: ['source', 'rejected'],
    registers,
  });
  gauge(registers, 'digits_queue_images', 'Images that wait for inference or are being answered.', queues.images);
  gauge(registers, 'digits_queue_pictures', 'Image files and drawings that wait for a thread.', queues.pictures);
  const countersOf = remember((key) => {
    const [method, route, status] = key.split(' ');
    return requests.labels(method, route, status);
  });
  const latenciesOf = remember((key) => {
    const [method, route] = key.split(' ');
    return latency.labels(method, route);
  });
  return {
    contentType: registry.contentType,
    expose: () => registry.metrics(),
    countRequest(method, route, status, durationMs) {
      countersOf(`${method} ${route} ${status}`).inc();
      latenciesOf(`${method} ${route}`).observe(durationMs / 1000);
    },
    countBatch(numImages, durationMs) {
      batches.observe(numImages);
      network.observe(durationMs / 1000);
    },
    countAnswers(source, numImages, numRejected) {
      if (numImages > numRejected) answers.inc({ source, rejected: 'false' }, numImages - numRejected);
      if (numRejected > 0) answers.inc({ source, rejected: 'true' }, numRejected);
    },
  };
}

function gauge(registers: Registry[], name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers,
    collect() {
      this.set(read());
    },
  });
}

/** Caches children by key, because finding one by its labels costs more than counting. */
function remember<Child>(find: (key: string) => Child): (key: string) => Child {
  const known = new Map<string, Child>();
  return (key) => {
    let child = known.get(key);
    if (child === undefined) known.set(key, (child = find(key)));
    return child;
  };
}
