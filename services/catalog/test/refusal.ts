import { ConnectError } from '@connectrpc/connect'
import { codeToString } from '@connectrpc/connect/protocol-connect'
import { BadRequestSchema, ErrorInfoSchema } from '@strait/contracts/google/rpc/error_details_pb'

/** What a caller learns from a refusal. */
export interface Refused {
  readonly code: string
  readonly reason: string | undefined
  readonly fields: readonly string[]
  readonly metadata: Readonly<Record<string, string>>
  readonly message: string
}

/** Waits for a call to be refused and reads the refusal; fails if the call succeeds. */
export async function refusalOf(call: Promise<unknown>): Promise<Refused> {
  const outcome = await call.then(
    () => 'the call was not refused',
    (error: unknown) => error,
  )
  if (!(outcome instanceof ConnectError)) throw outcome
  const [info] = outcome.findDetails(ErrorInfoSchema)
  const [bad] = outcome.findDetails(BadRequestSchema)
  return {
    code: codeToString(outcome.code),
    reason: info?.reason,
    fields: bad?.fieldViolations.map((violation) => violation.field) ?? [],
    metadata: info?.metadata ?? {},
    message: outcome.rawMessage,
  }
}

/** The refusals of calls that were made side by side, in their order. */
export function refusalsOf(calls: readonly Promise<unknown>[]): Promise<readonly Refused[]> {
  return Promise.all(calls.map(refusalOf))
}
