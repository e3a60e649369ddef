import type { Span, ValueType } from '@opentelemetry/api';
import type {
  AggregationTemporality,
  CollectionResult,
  DataPoint,
  DataPointType,
  Histogram,
  MetricData,
  MetricProducer,
} from '@opentelemetry/sdk-metrics';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MetricObjectWithValues, MetricValue } from 'prom-client';
import type { Metrics } from './metrics.ts';

/** Export of traces and metrics by OpenTelemetry. */
export interface Telemetry {
  /** Adds spans to the requests of an app and exports its metrics; call it before adding routes. */
  observe(app: FastifyInstance, metrics: Metrics): Promise<void>;
  /** Exports the remaining data, within a time limit in milliseconds. */
  shutDown(limitMs: number): Promise<void>;
}

/** Interval between exports of metrics, in milliseconds, if `OTEL_METRIC_EXPORT_INTERVAL` sets none. */
const METRICS_INTERVAL_MS = 60_000;

/**
 * Starts OpenTelemetry if an `OTEL_*` variable is set; its packages are not loaded otherwise.
 *
 * @returns null if it is off
 * @throws Error if a variable asks for what the service does not have
 * @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export async function startTelemetry(version: string, environment = process.env): Promise<Telemetry | null> {
  const isSet = Object.keys(environment).some((name) => name.startsWith('OTEL_'));
  if (!isSet || environment.OTEL_SDK_DISABLED === 'true') return null;
  requireSupported(environment);
  const [api, traces, sdkMetrics, resources, { OTLPTraceExporter }, { OTLPMetricExporter }, otel] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/sdk-metrics'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/exporter-trace-otlp-proto'),
    import('@opentelemetry/exporter-metrics-otlp-proto'),
    import('@fastify/otel'),
  ]);
  const detected = resources.detectResources({
    detectors: [resources.envDetector, resources.hostDetector, resources.processDetector],
  });
  const resource = resources
    .resourceFromAttributes({ 'service.name': 'digits-api', 'service.version': version })
    .merge(detected);

  const hasTraces = environment.OTEL_TRACES_EXPORTER !== 'none';
  const tracerProvider = new traces.NodeTracerProvider({
    resource,
    spanProcessors: hasTraces ? [new traces.BatchSpanProcessor(new OTLPTraceExporter())] : [],
  });
  tracerProvider.register();
  const instrumentation = new otel.FastifyOtelInstrumentation({ instrumentHooks: false, requestHook: describeRequest });
  instrumentation.setTracerProvider(tracerProvider);

  const hasMetrics = environment.OTEL_METRICS_EXPORTER !== 'none';
  const interval = Number(environment.OTEL_METRIC_EXPORT_INTERVAL ?? METRICS_INTERVAL_MS);
  let meterProvider: { shutdown(): Promise<void> } | null = null;
  return {
    async observe(app, metrics) {
      await app.register(instrumentation.plugin());
      if (!hasMetrics) return;
      const reader = new sdkMetrics.PeriodicExportingMetricReader({
        exporter: new OTLPMetricExporter(),
        exportIntervalMillis: interval,
        exportTimeoutMillis: interval,
        metricProducers: [
          new PrometheusProducer(metrics.collect, resource, { ...sdkMetrics, ValueType: api.ValueType }),
        ],
      });
      meterProvider = new sdkMetrics.MeterProvider({ resource, readers: [reader] });
    },
    async shutDown(limitMs) {
      const ended = Promise.allSettled([tracerProvider.shutdown(), meterProvider?.shutdown()]);
      await Promise.race([ended, sleep(limitMs)]);
    },
  };
}

/** Values that the service supports, by variable. */
const SUPPORTED: Readonly<Record<string, readonly string[]>> = {
  OTEL_TRACES_EXPORTER: ['otlp', 'none'],
  OTEL_METRICS_EXPORTER: ['otlp', 'none'],
  OTEL_EXPORTER_OTLP_PROTOCOL: ['http/protobuf'],
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: ['http/protobuf'],
  OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: ['http/protobuf'],
};

function requireSupported(environment: NodeJS.ProcessEnv): void {
  for (const [name, values] of Object.entries(SUPPORTED)) {
    const value = environment[name];
    if (value !== undefined && value !== '' && !values.includes(value)) {
      throw new Error(`${name} must be ${values.join(' or ')}, got ${value}`);
    }
  }
}

/** Names the span by its route, keeps the query, which may hold secrets, out of it, and gives the log its trace context. */
function describeRequest(span: Span, request: FastifyRequest): void {
  const { traceId, spanId, traceFlags } = span.spanContext();
  request.span = span;
  request.traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  span.setAttributes({ 'url.path': request.url.split('?', 1)[0], 'digits.request_id': request.id });
  span.updateName(`${request.method} ${request.routeOptions.url ?? ''}`.trim());
}

interface Sdk {
  readonly AggregationTemporality: typeof AggregationTemporality;
  readonly DataPointType: typeof DataPointType;
  readonly ValueType: typeof ValueType;
}

/** Value of a histogram, which also has the name of its series. */
type SeriesValue = MetricValue<string> & { readonly metricName?: string };
type Values = readonly SeriesValue[];

/** Reads the metrics that Prometheus reads, because both systems must see the same values. */
class PrometheusProducer implements MetricProducer {
  readonly #collect: Metrics['collect'];
  readonly #resource: CollectionResult['resourceMetrics']['resource'];
  readonly #sdk: Sdk;
  readonly #startTime = toHrTime(Date.now());

  constructor(collect: Metrics['collect'], resource: CollectionResult['resourceMetrics']['resource'], sdk: Sdk) {
    this.#collect = collect;
    this.#resource = resource;
    this.#sdk = sdk;
  }

  async collect(): Promise<CollectionResult> {
    const objects = await this.#collect();
    const endTime = toHrTime(Date.now());
    const metrics = objects.map((object) => this.#convert(object, endTime));
    const scopeMetrics = [{ scope: { name: 'digits-api' }, metrics }];
    return { resourceMetrics: { resource: this.#resource, scopeMetrics }, errors: [] };
  }

  #convert({ name, help, type, values }: MetricObjectWithValues<MetricValue<string>>, endTime: HrTime): MetricData {
    const { AggregationTemporality, DataPointType, ValueType } = this.#sdk;
    // `prom-client` gives the name of the type, although its declarations say an enum.
    const kind = String(type);
    const base = {
      descriptor: { name, description: help, unit: unitOf(name), valueType: ValueType.DOUBLE },
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
    };
    const times = { startTime: this.#startTime, endTime };
    if (kind === 'histogram') {
      const dataPoints = [...groupByLabels(values)].map(([key, group]) => ({
        ...times,
        attributes: JSON.parse(key) as Record<string, string>,
        value: histogramOf(group),
      }));
      return { ...base, dataPointType: DataPointType.HISTOGRAM, dataPoints };
    }
    const dataPoints: DataPoint<number>[] = values.map(({ value, labels }) => ({
      ...times,
      attributes: labels as Record<string, string>,
      value,
    }));
    if (kind === 'counter') return { ...base, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints };
    return { ...base, dataPointType: DataPointType.GAUGE, dataPoints };
  }
}

type HrTime = [seconds: number, nanoseconds: number];

function toHrTime(ms: number): HrTime {
  return [Math.floor(ms / 1000), (ms % 1000) * 1e6];
}

function unitOf(name: string): string {
  if (/_seconds(_total)?$/.test(name)) return 's';
  return /_bytes(_total)?$/.test(name) ? 'By' : '1';
}

/** Groups the values of a histogram by their labels, as JSON, without the bound of the bucket. */
function groupByLabels(values: Values): Map<string, SeriesValue[]> {
  const groups = new Map<string, SeriesValue[]>();
  for (const value of values) {
    const key = JSON.stringify({ ...value.labels, le: undefined });
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}

/** Converts the counts below each bound, as Prometheus has them, to the counts between bounds. */
function histogramOf(values: Values): Histogram {
  const buckets = values.filter(({ labels }) => labels.le !== undefined);
  const finite = buckets.filter(({ labels }) => labels.le !== '+Inf');
  const below = buckets.map(({ value }) => value);
  const valueOf = (ending: string): number =>
    values.find(({ metricName }) => metricName?.endsWith(ending) === true)?.value ?? 0;
  return {
    buckets: {
      boundaries: finite.map(({ labels }) => Number(labels.le)),
      counts: below.map((count, i) => count - (i === 0 ? 0 : below[i - 1])),
    },
    count: valueOf('_count'),
    sum: valueOf('_sum'),
  };
}
