// Results meet here and are written in batches. A result is kept until it is written or its incarnation was taken over: when Postgres is
// away the calls are not lost with it.

import { createGroupCommit } from '@strait/postgres/group-commit'
import { isRowFault } from '@strait/postgres/is-connection-lost'
import type { Entry } from '../domain/entry.ts'
import { entriesLength } from '../domain/run.ts'
import type { Events } from '../events.ts'
import { encodeEnds, encodeNews, type RunEnd } from '../rpc/feed-codec.ts'
import type { Db } from '../store/db.ts'
import { type Finish, finishAttempts, type Writer } from '../store/finish-attempts.ts'
import type { Incarnation } from './incarnation.ts'

/** One end of an attempt with all that follows from it. */
export interface End {
  readonly finish: Finish
  /** Told when the run ended. */
  readonly told: RunEnd | undefined
  /** Offered again when it did not. */
  readonly again: Entry | undefined
}

/** What the finisher is made of. */
export interface FinisherDeps {
  readonly db: Db
  readonly events: Events
  readonly publishNews: (news: Uint8Array) => void
  readonly onChanged: (projectId: string, runIds: readonly string[]) => void
  readonly offer: (entries: readonly Entry[]) => void
}

/** Where ends of attempts are handed in. */
export interface Finisher {
  /** Resolves when the end is written, or is no longer this incarnation's to write. */
  finish(me: Incarnation, end: End): Promise<void>
  /** Writes ends, as one batch unless they are too large for that; answers how many of them were still held as expected. */
  write(writer: Writer, ends: readonly End[]): Promise<number>
}

const maxBatchBytes = 8 * 1024 * 1024

/** Makes the place where results meet. */
export function createFinisher(deps: FinisherDeps): Finisher {
  const { events } = deps
  // One commit at a time: what comes meanwhile is the next batch.
  const commit = createGroupCommit<{ me: Incarnation; end: End }, undefined>({
    maxItems: 500,
    maxBytes: maxBatchBytes,
    sizeOf: ({ end }) => sizeOf(end),
    onFlush: (count) => events.batchWritten('finish_attempts', count),
    flush: async (items) => {
      const mine = new Map<string, End[]>()
      for (const { me, end } of items) {
        if (me.ended.aborted) events.resultStale(end.finish.runId, end.finish.fence)
        else mine.set(me.execId, [...(mine.get(me.execId) ?? []), end])
      }
      for (const [execId, ends] of mine) await write({ execId, generation: undefined }, ends)
      return items.map(() => undefined)
    },
  })

  async function write(writer: Writer, ends: readonly End[]): Promise<number> {
    let written = 0
    for (const batch of inBatches(ends)) written += await writeBatch(writer, batch)
    return written
  }

  async function writeBatch(writer: Writer, ends: readonly End[]): Promise<number> {
    let batch = ends
    while (batch.length > 0) {
      const body = encodeEnds(batch.flatMap((end) => end.told ?? []))
      const done = await finishAttempts(
        deps.db,
        writer,
        batch.map((end) => end.finish),
        body,
      )
      if (done.written) {
        follow(batch)
        if (done.feed !== undefined && body !== undefined) deps.publishNews(encodeNews(done.feed, body))
        break
      }
      for (const { finish } of batch)
        if (!done.held.has(finish.runId)) events.resultStale(finish.runId, finish.fence)
      batch = batch.filter(({ finish }) => done.held.has(finish.runId))
    }
    return batch.length
  }

  function follow(ends: readonly End[]): void {
    const byProject = new Map<string, string[]>()
    const again: Entry[] = []
    for (const { finish, told, again: entry } of ends) {
      if (finish.outcome !== undefined) events.attemptEnded(finish.outcome)
      const projectId = told?.projectId ?? entry?.projectId
      if (told !== undefined) events.runEnded(told.status)
      if (entry !== undefined) again.push(entry)
      if (projectId !== undefined)
        byProject.set(projectId, [...(byProject.get(projectId) ?? []), finish.runId])
    }
    if (again.length > 0) deps.offer(again)
    for (const [projectId, runIds] of byProject) deps.onChanged(projectId, runIds)
  }

  async function finish(me: Incarnation, end: End): Promise<void> {
    let pauseMs = 50
    while (!me.ended.aborted) {
      try {
        return await commit.submit({ me, end })
      } catch (err) {
        // The row itself is at fault: only its caller can make it another.
        if (isRowFault(err)) throw err
        events.finishDelayed(err)
        await pause(pauseMs, me.ended)
        pauseMs = Math.min(pauseMs * 2, 1_000)
      }
    }
    events.resultStale(end.finish.runId, end.finish.fence)
  }

  return { finish, write }
}

/** What an end weighs: its result is written, and told in the feed row of its batch with metadata and tags. */
function sizeOf({ finish, told }: End): number {
  const entries = told === undefined ? 0 : entriesLength(told.metadata) + entriesLength(told.tags)
  return 500 + ((finish.result?.length ?? 0) + entries) * 2
}

function inBatches(ends: readonly End[]): End[][] {
  const batches: End[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const end of ends) {
    bytes += sizeOf(end)
    if (bytes > maxBatchBytes) {
      batches.push([])
      bytes = sizeOf(end)
    }
    batches.at(-1)?.push(end)
  }
  return batches
}

/** Waits, but not beyond the end of an incarnation. */
function pause(ms: number, ended: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const wake = () => {
      clearTimeout(timer)
      ended.removeEventListener('abort', wake)
      done()
    }
    const timer = setTimeout(wake, ms)
    ended.addEventListener('abort', wake)
  })
}
