// Follows the run feed for what came of the fires. An outcome closes its row together with the cursor that passes it,
// in one transaction; one that comes twice, or by two ways, finds the row closed.

import { fromBinary } from '@bufbuild/protobuf'
import type { Client } from '@connectrpc/connect'
import type { Bus } from '@strait/bus/connect-bus'
import { createFeedFollower } from '@strait/bus/follow-feed'
import type { DispatcherInternalService } from '@strait/contracts/dispatcher/v1/dispatcher_internal_service_pb'
import { RunFeedBatchSchema } from '@strait/contracts/events/v1/feed_pb'
import { decodeFeedNews, type FeedRow, fromFeedRowMessage } from '@strait/contracts/feed-rows'
import { streamNames, subjects } from '@strait/contracts/subjects'
import { loadCursor, saveCursor } from '@strait/postgres/feed-cursors'
import type { Log } from '@strait/service-kit/log'
import type { Part } from '@strait/service-kit/part'
import type { DueOutcome } from '../domain/due.ts'
import type { Events } from '../events.ts'
import type { Db } from '../store/db.ts'
import { closeOccurrences } from '../store/pending-occurrences.ts'
import { fromOutcomeMessage } from '../wire/due-codec.ts'

const FOLLOWER = 'scheduler'
const FEED = 'run'

export interface RunFeedOptions {
  readonly bus: Pick<Bus, 'consume' | 'onConnect'>
  readonly db: Db
  readonly dispatcher: Pick<Client<typeof DispatcherInternalService>, 'readFeed'>
  readonly pollMs: number
  readonly events: Events
  readonly log: Log
}

/** Makes the part that closes occurrences as their outcomes are told. */
export function createRunFeed({ bus, db, dispatcher, pollMs, events, log }: RunFeedOptions): Part {
  return createFeedFollower({
    name: FOLLOWER,
    feed: FEED,
    stream: streamNames.feed,
    subject: subjects.feed('dispatcher'),
    bus,
    load: () => loadCursor(db, FEED),
    async read(after, limit) {
      const { rows } = await dispatcher.readFeed({ follower: FOLLOWER, after, limit })
      return { rows: rows.map(fromFeedRowMessage) }
    },
    async handle(rows, advanceTo) {
      const outcomes = rows.flatMap(outcomesIn)
      const closed = await db.transaction().execute(async (trx) => {
        const closed = await closeOccurrences(trx, outcomes)
        if (advanceTo !== undefined) await saveCursor(trx, FEED, advanceTo)
        return closed
      })
      events.closed(closed)
    },
    decode: decodeFeedNews,
    pollMs,
    log,
  })
}

function outcomesIn({ body }: FeedRow): readonly DueOutcome[] {
  return fromBinary(RunFeedBatchSchema, body).events.flatMap(({ event }) =>
    event.case === 'due' ? [fromOutcomeMessage(event.value)] : [],
  )
}
