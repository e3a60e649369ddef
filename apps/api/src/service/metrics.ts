import type { PictureObserver } from '../inference/picture-pool.ts';
import {
  collectDefaultMetrics,
  Counter,
  Gauge,
  Histogram,
  type MetricObjectWithValues,
  type MetricValue,
  Registry,
} from 'prom-client';
import type { ErrorCode } from './errors.ts';

/** From a small batch to a request just below the time limit, in seconds. */
const LATENCY_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const BATCH_BUCKETS = [1, 2, 4, 8, 16, 32, 64, 128, 512, 2048];

/** Part of the work on a request. */
export type Phase = 'waiting' | 'decoding' | 'reading' | 'inference';

/** Part of an exchange in which a client disconnected: sending the request, waiting, or reading the response. */
export type DropPhase = 'request' | 'waiting' | 'response';

/** Source of an image. */
export type Source = 'tensor' | 'picture' | 'strokes';

/** Metrics of one app for Prometheus. */
export interface Metrics {
  readonly contentType: string;
  /** Returns the metrics in the text exposition format. */
  expose(): Promise<string>;
  /** Counts an answered request; `code` is that of its error. */
  countRequest(method: string, route: string, status: number, durationMs: number, code: ErrorCode | null): void;
  /** Counts a request whose client disconnected before it had read the response. */
  countDropped(method: string, route: string, phase: DropPhase): void;
  /** Counts an error that no request belongs to, such as headers that are too large. */
  countError(code: ErrorCode): void;
  /** Counts a part of the work on a request. */
  countPhase(phase: Phase, durationMs: number): void;
  /** Counts image files and drawings that start, and workers that end before their task. */
  readonly countPicture: PictureObserver;
  /** Counts a request of a client with a token. */
  countClient(client: string): void;
  /** Counts an attempt to load a model. */
  countLoad(isLoaded: boolean): void;
  /** Counts an image for the store. */
  countFeedback(outcome: 'stored' | 'full' | 'failed'): void;
  /** Returns all metrics as objects. */
  readonly collect: () => Promise<MetricObjectWithValues<MetricValue<string>>[]>;
  /** Counts a batch. */
  readonly countBatch: (numImages: number, durationMs: number) => void;
  /** Counts answered images and how many of them were rejected. */
  countAnswers(source: Source, numImages: number, numRejected: number): void;
}

/** Facts about a model. */
export interface ModelInfo {
  readonly name: string;
  readonly version: string;
  readonly preset: string;
  readonly weightsSha256: string;
}

/** State of the service that metrics read. */
export interface ObservedState {
  /** Version of the service's package. */
  readonly version: string;
  /** Number of images in the queue. */
  readonly images: () => number;
  /** Number of image files and drawings in the queue. */
  readonly pictures: () => number;
  /** Number of responses that are not sent completely. */
  readonly openResponses: () => number;
  /** Number of request bodies in flight. */
  readonly bodies: () => number;
  /** Number of their bytes. */
  readonly bodyBytes: () => number;
  readonly connections: () => number;
  /** Number of log lines that could not be written. */
  readonly lostLogLines: () => number;
  readonly isReady: () => boolean;
  /** The served model, null before the first is loaded. */
  readonly model: () => ModelInfo | null;
}

/**
 * Creates the metrics of one app, including those of Node (event-loop lag, memory, garbage collection).
 *
 * @param state read at each scrape
 * @see https://prometheus.io/docs/practices/naming/
 */
export function createMetrics(state: ObservedState): Metrics {
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
    labelNames: ['method', 'route', 'status'],
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
  const dropped = new Counter({
    name: 'digits_http_requests_dropped_total',
    help: 'Requests whose client disconnected while it sent the request, waited, or read the response.',
    labelNames: ['method', 'route', 'phase'],
    registers,
  });
  const errors = new Counter({
    name: 'digits_errors_total',
    help: 'Error responses, by code.',
    labelNames: ['code'],
    registers,
  });
  const phases = new Histogram({
    name: 'digits_phase_duration_seconds',
    help: 'Time of the parts of the work: waiting for a worker, decoding and reading a picture, inference of tensors with its queue.',
    labelNames: ['phase'],
    buckets: LATENCY_BUCKETS,
    registers,
  });
  const clients = new Counter({
    name: 'digits_client_requests_total',
    help: 'Requests with a valid token, by the name of its client.',
    labelNames: ['client'],
    registers,
  });
  const loads = new Counter({
    name: 'digits_model_loads_total',
    help: 'Attempts to load a model, by outcome.',
    labelNames: ['outcome'],
    registers,
  });
  const feedback = new Counter({
    name: 'digits_feedback_total',
    help: 'Images for the store: stored, refused because it is full, or failed.',
    labelNames: ['outcome'],
    registers,
  });
  const workerEnds = new Counter({
    name: 'digits_picture_workers_ended_total',
    help: 'Processes that ended before they had read an image file or a drawing, by reason.',
    labelNames: ['reason'],
    registers,
  });
  gauge(registers, 'digits_queue_images', 'Images that wait for inference or are being answered.', state.images);
  gauge(registers, 'digits_queue_pictures', 'Image files and drawings that wait for a worker.', state.pictures);
  gauge(registers, 'digits_open_responses', 'Requests that are not answered completely.', state.openResponses);
  gauge(registers, 'digits_bodies', 'Request bodies in flight: arriving, waiting or being answered.', state.bodies);
  gauge(registers, 'digits_body_bytes', 'Bytes of the request bodies in flight.', state.bodyBytes);
  gauge(registers, 'digits_connections', 'Open connections.', state.connections);
  gauge(registers, 'digits_ready', '1 if the service accepts requests.', () => Number(state.isReady()));
  observeState(registers, state);
  const countersOf = remember((key) => {
    const [method, route, status] = key.split(' ');
    return requests.labels(method, route, status);
  });
  const latenciesOf = remember((key) => {
    const [method, route, status] = key.split(' ');
    return latency.labels(method, route, status);
  });
  const phasesOf = remember((phase) => phases.labels(phase));
  return {
    contentType: registry.contentType,
    expose: () => registry.metrics(),
    collect: () => registry.getMetricsAsJSON(),
    countRequest(method, route, status, durationMs, code) {
      const key = `${method} ${route} ${status}`;
      countersOf(key).inc();
      latenciesOf(key).observe(durationMs / 1000);
      if (code !== null) errors.inc({ code });
    },
    countDropped(method, route, phase) {
      dropped.inc({ method, route, phase });
    },
    countError(code) {
      errors.inc({ code });
    },
    countPhase(phase, durationMs) {
      phasesOf(phase).observe(durationMs / 1000);
    },
    countClient(client) {
      clients.inc({ client });
    },
    countLoad(isLoaded) {
      loads.inc({ outcome: isLoaded ? 'loaded' : 'failed' });
    },
    countFeedback(outcome) {
      feedback.inc({ outcome });
    },
    countPicture: {
      onStart: (waitingMs) => {
        phasesOf('waiting').observe(waitingMs / 1000);
      },
      onEnd: (reason) => {
        workerEnds.inc({ reason });
      },
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

/** Adds the metrics of build, model and lost log lines, which are read from other places. */
function observeState(registers: Registry[], { version, model, lostLogLines }: ObservedState): void {
  new Gauge({
    name: 'digits_build_info',
    help: 'Versions of the service and of Node.',
    labelNames: ['version', 'node'],
    registers,
  }).set({ version, node: process.version }, 1);
  new Gauge({
    name: 'digits_model_info',
    help: 'The served model.',
    labelNames: ['name', 'version', 'preset', 'weights_sha256'],
    registers,
    collect() {
      this.reset();
      const served = model();
      if (served === null) return;
      const { weightsSha256, ...labels } = served;
      this.set({ ...labels, weights_sha256: weightsSha256 }, 1);
    },
  });
  new Counter({
    name: 'digits_log_lines_lost_total',
    help: 'Log lines that could not be written.',
    registers,
    collect() {
      this.reset();
      this.inc(lostLogLines());
    },
  });
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
