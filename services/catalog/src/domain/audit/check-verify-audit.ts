// Where somebody wants the audit log to be verified from.

import type { Problem } from '../jobs/job-input.ts'
import { type ChainEnd, emptyChain } from './chain.ts'
import { isHash } from './hash-event.ts'

/** What shall be verified, or everything that is wrong with the question. */
export type VerifyInput =
  | {
      readonly ok: true
      /** What comes before the first entry to look at. */
      readonly end: ChainEnd
      /** The entry before, where its hash was given. Undefined also before the first entry, where there is none. */
      readonly remembered: { readonly position: number; readonly hash: string } | undefined
    }
  | { readonly ok: false; readonly problems: readonly Problem[] }

const maxPosition = BigInt(Number.MAX_SAFE_INTEGER)

/** Reads the question. */
export function readVerifyInput(input: {
  readonly fromPosition: bigint
  readonly previousHash: string
}): VerifyInput {
  const problems: Problem[] = []
  const { fromPosition, previousHash } = input
  if (fromPosition < 0n || fromPosition > maxPosition)
    problems.push({ field: 'from_position', description: `must be 1 to ${maxPosition}, not ${fromPosition}` })
  const position = Math.max(Number(fromPosition), 1) - 1
  const isGiven = previousHash !== ''
  if (isGiven && !isHash(previousHash))
    problems.push({ field: 'previous_hash', description: 'must be 64 of 0-9a-f' })
  else if (isGiven && position === 0 && previousHash !== emptyChain.hash)
    problems.push({ field: 'previous_hash', description: 'must be 64 zeros before position 1' })
  if (problems.length > 0) return { ok: false, problems }
  if (position === 0) return { ok: true, end: emptyChain, remembered: undefined }
  const hash = isGiven ? previousHash : undefined
  return {
    ok: true,
    end: { position, hash },
    remembered: hash === undefined ? undefined : { position, hash },
  }
}
