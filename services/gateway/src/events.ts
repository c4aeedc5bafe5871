// Every metric and log line of the gateway.

import type { Meter } from '@opentelemetry/api'
import type { Log } from '@strait/service-kit/log'
import type { End } from './exchange.ts'

/** What can happen to a gateway. */
export interface Events {
  /** A request that was passed on ended. */
  ended(upstream: string, end: End, ms: number): void
  /** A request was answered without any service. */
  answeredHere(status: number): void
  inFlight(count: number): void
  portError(err: Error): void
  certificateRenewed(problem: Error | undefined): void
}

/** Makes the gateway's instruments. */
export function createEvents({ meter, log }: { readonly meter: Meter; readonly log: Log }): Events {
  const seconds = meter.createHistogram('strait_gateway_seconds', {
    unit: 's',
    description:
      'Time from request to the end of its answer, by service and by the class of the status or what came instead.',
  })
  const here = meter.createCounter('strait_gateway_own_answers', {
    description: 'Requests that were answered without any service, by status.',
  })
  const failures = meter.createCounter('strait_gateway_upstream_failures', {
    description: 'Requests that a service did not answer, or not to the end, by why.',
  })
  const open = meter.createGauge('strait_gateway_in_flight', { description: 'Requests being passed on.' })
  const silent = new Set<string>()

  function failed(upstream: string, why: string, err: unknown): void {
    failures.add(1, { upstream, why })
    // Said once per outage.
    if (!silent.has(upstream)) log.warn({ upstream, why, err }, 'a service does not answer')
    silent.add(upstream)
  }
  return {
    ended(upstream, end, ms) {
      const result = end.how === 'answered' ? `${Math.floor(end.status / 100)}xx` : end.how
      seconds.record(ms / 1_000, { upstream, result })
      if (end.how === 'failed') failed(upstream, end.why, end.err)
      if (end.how === 'answered' && silent.delete(upstream)) log.info({ upstream }, 'a service answers again')
    },
    answeredHere: (status) => here.add(1, { status }),
    inFlight: (count) => open.record(count),
    portError: (err) => log.error({ err }, 'the public port has trouble'),
    certificateRenewed(problem) {
      if (problem === undefined) log.info({}, 'the certificate was renewed')
      else log.warn({ err: problem }, 'the changed certificate cannot be used; the one before stays')
    },
  }
}
