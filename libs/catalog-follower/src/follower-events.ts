// What can be seen of a follower. Nothing here throws or holds anybody up.

import type { Meter } from '@opentelemetry/api'

/** What a follower asks the catalog for, besides what changed. */
export type Question = 'heads' | 'versions' | 'steps'

export interface FollowerEvents {
  /** One question with so many items. */
  asked(question: Question, items: number): void
  /** So many heads were new or different. */
  changed(heads: number): void
}

/** For a follower that nobody watches. */
export const noEvents: FollowerEvents = Object.freeze({ asked: () => undefined, changed: () => undefined })

/** Counts a follower's events. */
export function createFollowerEvents(meter: Meter): FollowerEvents {
  const questions = meter.createHistogram('strait_catalog_follower_question_batch', {
    unit: '{item}',
    description: 'Items of one question to the catalog, by `question`.',
  })
  const changes = meter.createCounter('strait_catalog_follower_changes', {
    description: 'Heads of the catalog that were new or different.',
  })
  return {
    asked: (question, items) => questions.record(items, { question }),
    changed: (heads) => changes.add(heads),
  }
}
