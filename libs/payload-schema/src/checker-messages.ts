// What the checker and its thread say to each other. Texts go over as texts: copying them costs the main thread no more
// than their length, and whatever is built from them is built in the thread.
import type { ValueProblem } from './check-value.ts'
import type { SchemaProblem } from './lint-schema.ts'

/** One question; without a value only the schema is judged. */
export type CheckRequest = {
  readonly id: number
  readonly schema: string
  readonly value?: string | undefined
}

/** What came of it. */
export type CheckOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'BAD_SCHEMA'; readonly problems: readonly SchemaProblem[] }
  | { readonly ok: false; readonly reason: 'DOES_NOT_FIT'; readonly problems: readonly ValueProblem[] }

/** The thread is ready for questions, or has an answer. */
export type ThreadMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly id: number; readonly outcome: CheckOutcome }
