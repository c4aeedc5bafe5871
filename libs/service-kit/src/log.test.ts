import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createLog, describeError } from './log.ts'

test('a log writes one JSON line per sentence, and none below its level', () => {
  const folder = mkdtempSync(join(tmpdir(), 'strait-log-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'log')
  const log = createLog('baker', 'info', file)
  log.debug({ run_id: '1' }, 'not said')
  log.warn(
    { run_id: '2', err: Object.assign(new Error('burnt'), { detail: 'the recipe' }) },
    'a loaf is lost',
  )
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  expect(lines).toHaveLength(1)
  expect(JSON.parse(lines[0]!)).toMatchObject({
    level: 'warn',
    service: 'baker',
    run_id: '2',
    err: { type: 'Error', message: 'burnt' },
    msg: 'a loaf is lost',
  })
  expect(lines[0]).not.toContain('recipe')
})

test('an error is shown with its code and causes, and without what else hangs on it', () => {
  const cause = Object.assign(new Error('duplicate key'), { code: '23505', detail: 'Key (slug)=(mine)' })
  const shown = describeError(new TypeError('cannot store', { cause }))
  expect(shown).toMatchObject({
    type: 'TypeError',
    message: 'cannot store',
    stack: expect.stringContaining('log.test'),
    cause: { type: 'Error', message: 'duplicate key', code: '23505' },
  })
  expect(JSON.stringify(shown)).not.toContain('mine')
})

test('errors that came together are shown each, and a ring of causes ends', () => {
  const both = new AggregateError([new Error('one'), new Error('two')], 'both')
  expect(describeError(both)).toMatchObject({ errors: [{ message: 'one' }, { message: 'two' }] })
  const ring = new Error('round')
  ring.cause = ring
  expect(JSON.stringify(describeError(ring)).match(/"round"/g)).toHaveLength(5)
})

test('what is thrown without being an error is shown only when it is plain', () => {
  expect(describeError('a word')).toBe('a word')
  expect(describeError({ payload: 'private' })).toBe('something that is not an error')
})
