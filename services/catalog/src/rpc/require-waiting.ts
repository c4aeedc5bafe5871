import { Refusal } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'

/** Gives up a change whose caller went away before it was stored. */
export function requireWaiting({ signal }: Pick<Call, 'signal'>): void {
  if (signal.aborted) throw new Refusal('DEADLINE_EXCEEDED', 'the caller went away; nothing was stored')
}
