// Follows the run feed for the ends of runs that are to be told. A delivery is stored together with the cursor that
// passes its event, in one transaction; an event that comes twice, or by two ways, meets its delivery and stores none.

import { fromBinary } from '@bufbuild/protobuf'
import { type Timestamp, timestampDate } from '@bufbuild/protobuf/wkt'
import type { Client } from '@connectrpc/connect'
import type { Bus } from '@strait/bus/connect-bus'
import { createFeedFollower } from '@strait/bus/follow-feed'
import type { DispatcherInternalService } from '@strait/contracts/dispatcher/v1/dispatcher_internal_service_pb'
import { type RunEnded, RunFeedBatchSchema } from '@strait/contracts/events/v1/feed_pb'
import { decodeFeedNews, type FeedRow, fromFeedRowMessage } from '@strait/contracts/feed-rows'
import { streamNames, subjects } from '@strait/contracts/subjects'
import { newUuidv7 } from '@strait/domain/ids'
import { loadCursor, saveCursor } from '@strait/postgres/feed-cursors'
import type { Log } from '@strait/service-kit/log'
import type { Part } from '@strait/service-kit/part'
import type { NewDelivery } from '../domain/delivery.ts'
import { type EndedRun, eventBody, eventId, eventType } from '../domain/event-body.ts'
import type { Events } from '../events.ts'
import type { Db } from '../store/db.ts'
import { insertDeliveries } from '../store/insert-deliveries.ts'

const FOLLOWER = 'notifier'
const FEED = 'run'

export interface RunFeedOptions {
  readonly bus: Pick<Bus, 'consume' | 'onConnect'>
  readonly db: Db
  readonly dispatcher: Pick<Client<typeof DispatcherInternalService>, 'readFeed'>
  /** New deliveries are due. */
  readonly onDeliveries: () => void
  readonly pollMs: number
  readonly events: Events
  readonly log: Log
}

/** Makes the part that turns ends of runs into deliveries. */
export function createRunFeed(options: RunFeedOptions): Part {
  const { bus, db, dispatcher, onDeliveries, pollMs, events, log } = options
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
      const deliveries = rows.flatMap(deliveriesIn)
      const stored = await db.transaction().execute(async (trx) => {
        const stored = await insertDeliveries(trx, deliveries)
        if (advanceTo !== undefined) await saveCursor(trx, FEED, advanceTo)
        return stored
      })
      if (deliveries.length > 0) events.heard(deliveries.length, stored)
      if (stored > 0) onDeliveries()
    },
    decode: decodeFeedNews,
    pollMs,
    log,
  })
}

function deliveriesIn({ body }: FeedRow): readonly NewDelivery[] {
  return fromBinary(RunFeedBatchSchema, body).events.flatMap(({ event }) => {
    if (event.case !== 'ended' || event.value.webhookUrl === undefined) return []
    return [toDelivery(fromEndedMessage(event.value), event.value.webhookUrl)]
  })
}

function toDelivery(run: EndedRun, url: string): NewDelivery {
  const { projectId, jobId, runId, traceparent } = run
  return {
    id: newUuidv7(),
    eventId: eventId(run),
    eventType: eventType(run),
    projectId,
    jobId,
    runId,
    url,
    traceparent,
    body: eventBody(run),
  }
}

function fromEndedMessage(ended: RunEnded): EndedRun {
  const { result, error } = ended
  return {
    ...ended,
    result,
    error: error && { class: error.class, message: error.message, httpStatus: error.httpStatus },
    createdAt: dateOf(ended.createdAt),
    finishedAt: dateOf(ended.finishedAt),
  }
}

// Both are always set; a message of nonsense must not stop the feed for all others.
function dateOf(timestamp: Timestamp | undefined): Date {
  return timestamp === undefined ? new Date(0) : timestampDate(timestamp)
}
