import { expect, test } from 'vitest'
import { nextMigration } from './new-migration.ts'

test('the first migration is number one', () => {
  expect(nextMigration([], 'runs')).toBe('0001-runs.sql')
})

test('the next number follows the highest, whatever the order and whatever else lies there', () => {
  const existing = ['0009-b.sql', '0002-a.sql', 'README.md']
  expect(nextMigration(existing, 'add_priority')).toBe('0010-add-priority.sql')
})
