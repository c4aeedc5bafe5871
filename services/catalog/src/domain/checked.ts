import type { Problem } from './jobs/job-input.ts'

/** What came of a check: what was made of the input, or everything that is wrong with it. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] }
