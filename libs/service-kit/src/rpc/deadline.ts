import { type Refusal, refuseFields } from '../refusal.ts'

/** The longest a unary call may take, whatever its caller asks for. */
export const maxCallMs = 60_000
/** The longest a stream may last; its caller opens another one and goes on. */
export const maxStreamMs = 3_600_000

/** Reads `connect-timeout-ms`: at most ten digits of milliseconds. */
export function readConnectTimeout(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  if (!/^\d{1,10}$/.test(header)) throw refuseTimeout('connect-timeout-ms', 'must be at most ten digits')
  return Number(header)
}

const msPerUnit = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 }

/** Reads `grpc-timeout`: at most eight digits and a unit. */
export function readGrpcTimeout(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  const [, digits, unit] = /^(\d{1,8})([HMSmun])$/.exec(header) ?? []
  if (digits === undefined)
    throw refuseTimeout('grpc-timeout', 'must be at most eight digits and one of HMSmun')
  return Number(digits) * msPerUnit[unit as keyof typeof msPerUnit]
}

function refuseTimeout(field: string, description: string): Refusal {
  return refuseFields('FIELD_INVALID', [{ field, description }])
}
