import { expect, test } from 'vitest'
import { readExport } from './read-export.ts'

const entry = {
  id: '"i"',
  project_id: '"p"',
  position: '7',
  at: '"2026-11-24T08:00:00.000Z"',
  actor: '"a\\u00e9"',
  action: '"job.updated"',
  resource_type: '"job"',
  resource_id: '"j"',
  before: '{ "a" : 1.0 }',
  after: 'null',
  previous_hash: '"00"',
  hash: '"11"',
}

function textOf(over: Partial<Record<keyof typeof entry, string | undefined>> = {}): string {
  const members = Object.entries({ ...entry, ...over }).filter(([, value]) => value !== undefined)
  return `{${members.map(([key, value]) => `"${key}": ${value}`).join(', ')}}`
}

const read = {
  id: 'i',
  projectId: 'p',
  position: 7,
  at: '2026-11-24T08:00:00.000Z',
  actor: 'aé',
  action: 'job.updated',
  resourceType: 'job',
  resourceId: 'j',
  before: '{ "a" : 1.0 }',
  after: undefined,
  previousHash: '00',
  hash: '11',
}

test('an entry is read with its texts as they stand, by itself and in an answer', () => {
  expect(readExport(textOf())).toEqual([read])
  expect(
    readExport(`{"audit_events": [${textOf()},${textOf({ position: '0' })}], "next_page_token": ""}`),
  ).toEqual([read, { ...read, position: 0 }])
  expect(readExport('{"audit_events":[]}')).toEqual([])
})

test.each([
  ['no JSON', 'x', 'is no JSON object'],
  ['a member twice', '{"audit_events":[],"audit_events":[]}', 'is no JSON object'],
  ['a list that is none', '{"audit_events":{}}', 'has audit_events that are no array'],
  ['a number for an entry', '{"audit_events":[1]}', 'has an entry whose id is no text'],
  ['a missing member', textOf({ actor: undefined }), 'has an entry whose actor is no text'],
  ['no place', textOf({ position: '"7"' }), 'has an entry whose position is no whole number'],
  ['half a place', textOf({ position: '7.0' }), 'has an entry whose position is no whole number'],
  [
    'a coarser time',
    textOf({ at: '"2026-11-24T08:00:00Z"' }),
    'has an entry whose at is no instant to the millisecond',
  ],
  ['no before', textOf({ before: undefined }), 'has an entry without before'],
])('%s is refused', (_, text, problem) => {
  expect(() => readExport(text)).toThrow(new SyntaxError(problem))
})
