import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import {
  DueBatchSchema,
  type DueItemSchema,
  type DueOutcome as DueOutcomeMessage,
} from '@strait/contracts/events/v1/due_pb'
import type { DueItem, DueOutcome } from '../domain/due.ts'

/** A due item as its message. */
export function toDueMessage(item: DueItem): MessageInitShape<typeof DueItemSchema> {
  return { ...item, nominalAt: timestampFromDate(item.nominalAt) }
}

/** What goes over the stream. */
export function encodeDueBatch(items: readonly DueItem[]): Uint8Array {
  return toBinary(DueBatchSchema, create(DueBatchSchema, { items: items.map(toDueMessage) }))
}

/** What the dispatcher says of an item; the run's id names it. */
export function fromOutcomeMessage({ runId, refused }: DueOutcomeMessage): DueOutcome {
  return { runId, refused }
}
