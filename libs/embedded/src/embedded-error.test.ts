import { expect, test } from 'vitest'
import { EmbeddedError, reasonOf } from './embedded-error.ts'

test('the message is one line, whatever a program printed', () => {
  expect(new EmbeddedError('initdb failed: no space\n  left\n').message).toBe(
    'initdb failed: no space | left',
  )
})

test('a system error is told in words', () => {
  expect(reasonOf(Object.assign(new Error('EROFS: open'), { code: 'EROFS' }))).toBe(
    'the file system is read-only',
  )
})

test('any other error is told in its own words', () => {
  expect(reasonOf(new Error('odd'))).toBe('odd')
  expect(reasonOf('a string')).toBe('a string')
})
