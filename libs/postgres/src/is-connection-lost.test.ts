import { expect, test } from 'vitest'
import { isConnectionLost, isRowFault } from './is-connection-lost.ts'

const stated = (code: string, severity = 'ERROR') => Object.assign(new Error(code), { code, severity })

test.each([
  ['a broken connection', stated('08006', 'FATAL')],
  ['a server that shuts down', stated('57P01', 'FATAL')],
  ['a server that crashed', stated('57P02', 'FATAL')],
  ['a server that starts', stated('57P03', 'FATAL')],
  ['a statement time-out', stated('57014')],
  ['a refused socket', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })],
  ['a reset socket', Object.assign(new Error('read'), { code: 'ECONNRESET' })],
  ['a connection ended by the server', new Error('Connection terminated unexpectedly')],
  ['a pool that gave up waiting', new Error('timeout exceeded when trying to connect')],
  ['a server that does not answer', new Error('Query read timeout')],
  ['a wrapped loss', new Error('reading the feed', { cause: stated('57P01', 'FATAL') })],
])('%s is a lost connection and no fault of a row', (_, error) => {
  expect(isConnectionLost(error)).toBe(true)
  expect(isRowFault(error)).toBe(false)
})

test.each(['22P02', '22021', '23505', '23514', '54000', '21000'])('%s is a fault of a row', (code) => {
  expect(isRowFault(stated(code))).toBe(true)
  expect(isConnectionLost(stated(code))).toBe(false)
})

test.each([
  ['a deadlock', stated('40P01')],
  ['a syntax error', stated('42601')],
  ['a role that does not exist', stated('22023', 'FATAL')],
  ['an error of ours', new Error('oops')],
  ['nothing', undefined],
])('%s is neither', (_, error) => {
  expect(isConnectionLost(error)).toBe(false)
  expect(isRowFault(error)).toBe(false)
})
