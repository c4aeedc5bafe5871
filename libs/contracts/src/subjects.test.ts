import { expect, test } from 'vitest'
import { subjects } from './subjects.ts'

const project = '0199b2b4-3f0a-7c3e-9d0a-3c1f0e9b7a55'
const all = [
  subjects.due,
  subjects.feed('dispatcher'),
  subjects.feed('scheduler'),
  subjects.feed('notifier'),
  subjects.wake(0),
  subjects.wake(63),
  subjects.shards,
  subjects.runNews(project),
  subjects.watch,
  subjects.keysChanged,
  subjects.catalogChanged('job'),
  subjects.catalogChanged('project'),
  subjects.catalogFollower,
]

test('every subject is its own, and none is a pattern that takes in others', () => {
  expect(new Set(all).size).toBe(all.length)
  for (const subject of all) expect(subject).toMatch(/^strait(?:\.[a-z0-9-]+)+$/)
})

test('a feed is named for what it carries', () => {
  expect(subjects.feed('dispatcher')).toBe('strait.feed.run')
  expect(subjects.feed('scheduler')).toBe('strait.feed.scheduler')
})
