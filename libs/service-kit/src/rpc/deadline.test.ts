import { expect, test } from 'vitest'
import { readConnectTimeout, readGrpcTimeout } from './deadline.ts'

test.each([
  [undefined, undefined],
  ['0', 0],
  ['1500', 1_500],
  ['9999999999', 9_999_999_999],
])('connect-timeout-ms %j is %j ms', (header, ms) => {
  expect(readConnectTimeout(header)).toBe(ms)
})

test.each([
  [undefined, undefined],
  ['100m', 100],
  ['2S', 2_000],
  ['1M', 60_000],
  ['1H', 3_600_000],
  ['500u', 0.5],
  ['99999999n', 99.999999],
])('grpc-timeout %j is %j ms', (header, ms) => {
  expect(readGrpcTimeout(header)).toBe(ms)
})

test.each(['', '-1', '1.5', '10000000000', '5s', '1e3'])(
  'connect-timeout-ms %j is refused, by its name',
  (header) => {
    expect(() => readConnectTimeout(header)).toThrow(/^connect-timeout-ms: /)
  },
)

test.each(['', '5', '5s', '-5S', '123456789S', '1.5S'])(
  'grpc-timeout %j is refused, by its name',
  (header) => {
    expect(() => readGrpcTimeout(header)).toThrow(/^grpc-timeout: /)
  },
)
