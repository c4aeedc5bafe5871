// Occurrences from the scheduler, over JetStream. A message is acknowledged when its runs are durable; killed before that, it comes again
// to whichever dispatcher takes it, and the run ids make the second time harmless.

import { fromBinary } from '@bufbuild/protobuf'
import type { Bus } from '@strait/bus/connect-bus'
import { DueBatchSchema } from '@strait/contracts/events/v1/due_pb'
import { streamNames, subjects } from '@strait/contracts/subjects'
import type { Log } from '@strait/service-kit/log'
import type { Part } from '@strait/service-kit/part'
import { createDueRuns, type DueRun, type DueRunsDeps } from '../create-due-runs.ts'
import { toDueRun } from '../rpc/due-codec.ts'

const maxItems = 500

/** The consumer that all dispatchers share. */
export function createDueConsumer(deps: {
  readonly bus: Bus
  readonly dueRuns: DueRunsDeps
  readonly log: Log
}): Part {
  return deps.bus.consume({
    stream: streamNames.due,
    durable: 'dispatcher',
    filterSubject: subjects.due,
    batch: 20,
    ackWaitMs: 30_000,
    handler: async (messages) => {
      const items = messages.flatMap((message) => read(message.data, deps.log))
      for (let i = 0; i < items.length; i += maxItems)
        await createDueRuns(deps.dueRuns, items.slice(i, i + maxItems))
    },
  })
}

/** The items of one message. One that cannot be read is dropped: the scheduler sends its items again by another way. */
function read(bytes: Uint8Array, log: Log): DueRun[] {
  try {
    return fromBinary(DueBatchSchema, bytes).items.flatMap((item) => toDueRun(item) ?? [])
  } catch (err) {
    log.error({ err }, 'a message of strait.due cannot be read and is dropped')
    return []
  }
}
