// Metrics of one process: OpenTelemetry instruments, read by Prometheus on the ops port.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Meter } from '@opentelemetry/api'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { AggregationType, MeterProvider } from '@opentelemetry/sdk-metrics'

/** Where instruments come from and where they are read. */
export interface Telemetry {
  readonly meter: Meter
  /** Answers a scrape in Prometheus' text format. */
  serveMetrics(request: IncomingMessage, response: ServerResponse): void
  stop(): Promise<void>
}

// Batches range from one to the group commit's bound; the default buckets are made for milliseconds.
const batchBuckets = [1, 2, 5, 10, 20, 50, 100, 200, 500]
const secondsBuckets = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60]

/** Metrics of this process. */
export function createTelemetry(): Telemetry {
  // Who is scraped is known to whoever scrapes; the default would show paths of this machine.
  const exporter = new PrometheusExporter({ preventServerStart: true, withoutTargetInfo: true })
  const provider = new MeterProvider({
    readers: [exporter],
    views: [
      {
        instrumentUnit: '{item}',
        // The SDK reads one star only.
        instrumentName: '*_batch',
        aggregation: {
          type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM,
          options: { boundaries: batchBuckets },
        },
      },
      {
        instrumentUnit: 's',
        instrumentName: '*',
        aggregation: {
          type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM,
          options: { boundaries: secondsBuckets },
        },
      },
    ],
  })
  return {
    meter: provider.getMeter('strait'),
    serveMetrics: (request, response) => exporter.getMetricsRequestHandler(request, response),
    stop: () => provider.shutdown(),
  }
}
