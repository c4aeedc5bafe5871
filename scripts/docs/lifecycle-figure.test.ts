import { expect, test } from 'vitest'
import { drawMoves, replaceFigure } from './lifecycle-figure.ts'

const drawn = drawMoves({ queued: ['executing'], executing: ['queued', 'failed'], failed: [] })

test('draws every move, the beginning, and the end after a status that none leaves', () => {
  expect(drawn.split('\n')).toEqual([
    '```mermaid',
    'stateDiagram-v2',
    '  [*] --> queued',
    '  queued --> executing',
    '  executing --> queued',
    '  executing --> failed',
    '  failed --> [*]',
    '```',
  ])
})

test('replaces the figure and leaves the words and other blocks', () => {
  const page = 'Before.\n\n```mermaid\nold\n```\n\n```\nother\n```\n'
  expect(replaceFigure(page, drawn)).toBe(`Before.\n\n${drawn}\n\n\`\`\`\nother\n\`\`\`\n`)
})

test('puts the figure at the end of a page that has none', () => {
  expect(replaceFigure('Words.\n', drawn)).toBe(`Words.\n${drawn}\n`)
})
