import { Code, ConnectError } from '@connectrpc/connect'
import { setTrailerStatus } from '@connectrpc/connect/protocol-grpc'
import { ReasonSchema } from '@strait/contracts/errors/v1/errors_pb'
import { BadRequestSchema, ErrorInfoSchema } from '@strait/contracts/google/rpc/error_details_pb'
import { expect, test } from 'vitest'
import { codeOf, type Reason, Refusal, reasonCodes, refuseFields, toConnectError } from './refusal.ts'

const detailsOf = (error: ConnectError) => {
  const wire = ConnectError.from(error)
  return { info: wire.findDetails(ErrorInfoSchema)[0], bad: wire.findDetails(BadRequestSchema)[0] }
}

test('the reasons are the words of the schema, none more and none less', () => {
  const words = ReasonSchema.values.map((value) => value.name.replace(/^REASON_/, ''))
  expect(['UNSPECIFIED', ...Object.keys(reasonCodes)].toSorted()).toEqual(words.toSorted())
})

test.each(Object.keys(reasonCodes) as Reason[])('%s answers with the code beside it', (reason) => {
  const error = toConnectError(new Refusal(reason, 'because'))
  expect(error).toMatchObject({ code: reasonCodes[reason], rawMessage: 'because' })
  expect(codeOf(new Refusal(reason, ''))).toBe(reasonCodes[reason])
  expect(detailsOf(error)).toMatchObject({ info: { reason, domain: 'strait' }, bad: undefined })
})

test('fields at fault are named each, and in the sentence', () => {
  const error = toConnectError(
    refuseFields('FIELD_INVALID', [
      { field: 'job.name', description: 'is required' },
      { field: 'job.cron', description: 'has no minute' },
    ]),
  )
  expect(error.rawMessage).toBe('job.name: is required; job.cron: has no minute')
  expect(detailsOf(error).bad?.fieldViolations).toMatchObject([
    { field: 'job.name', description: 'is required' },
    { field: 'job.cron', description: 'has no minute' },
  ])
})

test.each([
  ['a fault of ours', new Error('select secret from keys')],
  ['what another service said', new ConnectError('select secret', Code.Unauthenticated, { 'x-secret': '1' })],
  ['something that is no error', 'select secret'],
])('%s is INTERNAL, without its text', (_, thrown) => {
  const error = toConnectError(thrown)
  expect(error).toMatchObject({ code: Code.Internal, rawMessage: 'a fault on our side; it is logged' })
  expect(codeOf(thrown)).toBe(Code.Internal)
  expect(detailsOf(error).info).toMatchObject({ reason: 'INTERNAL' })
  expect(error.cause).toBeUndefined()
  expect([...error.metadata]).toEqual([])
})

test('what the database ended for another change may be asked for again, and says nothing of the statement', () => {
  const error = toConnectError(Object.assign(new Error('deadlock detected'), { code: '40P01' }))
  expect(error).toMatchObject({
    code: Code.Unavailable,
    rawMessage: 'another change was in the way of this one, try again',
  })
})

test('however long and odd the words of a caller are, a refusal fits into the trailers of gRPC', () => {
  const violations = Array.from({ length: 500 }, (_, i) => ({
    field: `${'é'.repeat(5_000)}${i}`,
    description: 'x'.repeat(5_000),
  }))
  const half = '\ud83d'
  const trailers = new Headers()
  setTrailerStatus(
    trailers,
    toConnectError(
      new Refusal('FIELD_INVALID', half + 'ü'.repeat(5_000), {
        violations,
        metadata: { job: 'j'.repeat(5_000) },
      }),
    ),
  )
  const bytes = [...trailers].map(([name, value]) => name.length + value.length).reduce((a, b) => a + b)
  expect(bytes).toBeLessThan(12_000)
  expect(trailers.get('grpc-message')).toMatch(/^%EF%BF%BD%C3%BC/)
})

test('a refusal of many fields names as many as fit, in their order', () => {
  const violations = Array.from({ length: 500 }, (_, i) => ({ field: `f${i}`, description: 'd'.repeat(100) }))
  const { bad } = detailsOf(toConnectError(refuseFields('FIELD_INVALID', violations)))
  expect(bad!.fieldViolations.length).toBeGreaterThan(20)
  expect(bad!.fieldViolations.map((each) => each.field)).toEqual(
    violations.slice(0, bad!.fieldViolations.length).map((each) => each.field),
  )
})
