import { isConnectionLost } from '@strait/postgres/is-connection-lost'
import { Refusal } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'

/** Wraps a method so that a database out of reach is a refusal that may be tried again, not a fault of ours. */
export function whileDatabaseAnswers<I, O>(method: (request: I, call: Call) => Promise<O>) {
  return async (request: I, call: Call): Promise<O> => {
    try {
      return await method(request, call)
    } catch (cause) {
      if (!isConnectionLost(cause)) throw cause
      throw new Refusal('UNAVAILABLE', 'the database does not answer right now, try again', { cause })
    }
  }
}
