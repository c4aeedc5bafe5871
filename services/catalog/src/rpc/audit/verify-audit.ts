// VerifyAudit: computes the chain anew, a page at a time, so that a log of any length needs the memory of one page, and a caller who
// goes away is not computed for.

import type { VerifyAuditRequest } from '@strait/contracts/catalog/v1/audit_service_pb'
import { Refusal, refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { type ChainEnd, type ChainFault, findFault, findRememberedFault } from '../../domain/audit/chain.ts'
import { readVerifyInput } from '../../domain/audit/check-verify-audit.ts'
import { findHashAt, readChain } from '../../store/audit/find-audit.ts'
import type { CatalogDb } from '../../store/database.ts'

/** How much is looked at in one call. */
export interface VerifyBounds {
  readonly maxEntries: number
  readonly maxBytes: number
}

// 100,000 entries with 300 MB of texts cost two seconds of a core; a call must end before its caller gives up.
const boundsOfACall: VerifyBounds = { maxEntries: 100_000, maxBytes: 256 * 1024 * 1024 }
const pageEntries = 1_000
const pageBytes = 8 * 1024 * 1024

/** Says whether the chain of the caller's project holds. */
export function verifyAudit({ db, bounds = boundsOfACall }: { db: CatalogDb; bounds?: VerifyBounds }) {
  return async (
    { fromPosition, previousHash }: VerifyAuditRequest,
    { caller: { projectId }, signal }: Call,
  ) => {
    const read = readVerifyInput({ fromPosition, previousHash })
    if (!read.ok) throw refuseFields('FIELD_INVALID', read.problems)
    let end: ChainEnd = read.end
    if (read.remembered !== undefined) {
      const found = await findHashAt(db, projectId, read.remembered.position)
      const fault = findRememberedFault(read.remembered, found)
      if (fault !== undefined) return broken(0, '', fault)
    }
    let hash = ''
    let bytes = 0
    for (let verified = 0; ; ) {
      if (signal.aborted) throw new Refusal('DEADLINE_EXCEEDED', 'the caller went away')
      const limit = Math.min(pageEntries, bounds.maxEntries - verified)
      const page = { from: end.position + 1, limit, maxBytes: pageBytes }
      const { events, more } = await readChain(db, projectId, page)
      for (const event of events) {
        const fault = findFault(end, event)
        if (fault !== undefined) return broken(verified, hash, fault)
        hash = event.hash
        end = { position: event.position, hash }
        bytes += Buffer.byteLength(event.before ?? '') + Buffer.byteLength(event.after ?? '')
        verified++
      }
      if (!more) return { intact: true, verified: BigInt(verified), hash }
      if (verified < bounds.maxEntries && bytes < bounds.maxBytes) continue
      return { intact: true, verified: BigInt(verified), hash, nextPosition: BigInt(end.position + 1) }
    }
  }
}

function broken(verified: number, hash: string, { position, problem }: ChainFault) {
  return { intact: false, verified: BigInt(verified), brokenPosition: BigInt(position), problem, hash }
}
