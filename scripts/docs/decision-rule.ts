// Decisions are numbered and whole: docs/adr/0001-why-something.md, each with its three parts.

import { posix } from 'node:path'
import type { DocFinding, DocRule, Page } from './doc-rule.ts'

const folder = 'docs/adr'
const parts = ['## Context', '## Decision', '## Consequences']

export const decisionRule: DocRule = {
  name: 'decisions are numbered and whole',
  why: 'A decision is found by its number and understood by its context, what was decided and what follows from it.',
  check(_root, pages) {
    const decisions = pages.filter(
      ({ path }) => posix.dirname(path) === folder && posix.basename(path) !== 'template.md',
    )
    return decisions
      .toSorted((a, b) => (a.path < b.path ? -1 : 1))
      .flatMap((page, index) => [...numberProblem(page, index + 1), ...partProblems(page)])
  },
}

function numberProblem({ path, lines }: Page, expected: number): DocFinding[] {
  const number = String(expected).padStart(4, '0')
  if (!posix.basename(path).startsWith(`${number}-`)) {
    return [{ file: path, line: 1, what: `should begin with ${number}-: numbers run without a gap` }]
  }
  const heading = `# ${expected}. `
  return lines[0]?.startsWith(heading)
    ? []
    : [{ file: path, line: 1, what: `should begin with "${heading}"` }]
}

function partProblems({ path, lines }: Page): DocFinding[] {
  const places = parts.map((part) => lines.indexOf(part))
  const gone = parts.filter((_, index) => (places[index] ?? -1) < 0)
  if (gone.length > 0) return gone.map((part) => ({ file: path, line: 1, what: `has no "${part}"` }))
  const inOrder = places.every((place, index) => index === 0 || place > (places[index - 1] ?? 0))
  return inOrder
    ? []
    : [{ file: path, line: 1, what: `has its parts in another order than ${parts.join(', ')}` }]
}
