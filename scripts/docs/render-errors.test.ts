import { expect, test } from 'vitest'
import { renderReasons } from './render-errors.ts'

const facts = { reason: 'SLUG_TAKEN', comment: 'ALREADY_EXISTS. Another a|b has it.', code: 6, status: 409 }

test('a reason is a row with its code, its status and what it means', () => {
  expect(renderReasons([facts])).toContain(
    '| `SLUG_TAKEN` | ALREADY_EXISTS (6) | 409 | Another a\\|b has it. |\n',
  )
})

test('a comment that names another code than is answered is refused', () => {
  expect(() => renderReasons([{ ...facts, code: 3 }])).toThrow('SLUG_TAKEN is answered with INVALID_ARGUMENT')
  expect(() => renderReasons([{ ...facts, comment: 'Another has it.' }])).toThrow('its comment begins')
})

test('a reason that a table forgot is refused', () => {
  expect(() => renderReasons([{ ...facts, status: undefined }])).toThrow(
    'SLUG_TAKEN has no code or no REST status',
  )
})
