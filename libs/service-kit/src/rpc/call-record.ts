// What is kept of every call that ended: its time by method and code, and a line for each fault of ours.

import { Code } from '@connectrpc/connect'
import { codeToString } from '@connectrpc/connect/protocol-connect'
import type { Meter } from '@opentelemetry/api'
import type { Log } from '../log.ts'
import { codeOf } from '../refusal.ts'
import type { CallEnd } from './serve-call.ts'

/** Counts and times every call; a fault of ours is logged, once, here. */
export function createCallRecord(options: {
  readonly meter: Meter
  readonly log: Log
}): (end: CallEnd) => void {
  const seconds = options.meter.createHistogram('strait_rpc_seconds', {
    unit: 's',
    description: 'Time from request to answer, by method and code.',
  })
  return ({ entry, thrown, gone, ms }) => {
    const code = gone ? Code.Canceled : thrown === undefined ? undefined : codeOf(thrown)
    const method = entry.path
    seconds.record(ms / 1000, { method, code: code === undefined ? 'ok' : codeToString(code) })
    if (code === Code.Internal)
      options.log.error({ method, err: thrown }, 'a call failed through our own fault')
  }
}
