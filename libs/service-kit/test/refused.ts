import { ConnectError } from '@connectrpc/connect'
import { codeToString } from '@connectrpc/connect/protocol-connect'
import { BadRequestSchema, ErrorInfoSchema } from '@strait/contracts/google/rpc/error_details_pb'

/** What a caller learns from a refusal, whatever protocol it came by. */
export interface Refused {
  readonly code: string
  readonly reason: string | undefined
  readonly fields: readonly string[]
  readonly message: string
}

/** Reads a refusal; fails on anything else that is thrown. */
export function readRefusal(thrown: unknown): Refused {
  if (!(thrown instanceof ConnectError)) throw thrown
  return {
    code: codeToString(thrown.code),
    reason: thrown.findDetails(ErrorInfoSchema)[0]?.reason,
    fields: thrown.findDetails(BadRequestSchema)[0]?.fieldViolations.map((each) => each.field) ?? [],
    message: thrown.rawMessage,
  }
}

/** Waits for a call to be refused; fails if it is not. */
export async function refusalOf(call: Promise<unknown>): Promise<Refused> {
  return call.then(
    () => Promise.reject(new Error('the call was not refused')),
    (thrown: unknown) => readRefusal(thrown),
  )
}
