// What lists of jobs and of workflows are filtered by in the same way: tags, and a text.

import type { Problem } from './jobs/job-input.ts'
import { textProblem } from './text-rules.ts'

const maxTags = 20

/** Names what is wrong with the tags and the text that a list is filtered by. */
export function filterProblems(
  tags: Readonly<Record<string, string>>,
  text: string | undefined,
): readonly Problem[] {
  const inText = text === undefined ? undefined : textProblem(text, 1, 255)
  return [
    ...tagProblems(Object.entries(tags)),
    ...(inText === undefined ? [] : [{ field: 'text', description: inText }]),
  ]
}

function tagProblems(tags: readonly (readonly [string, string])[]): readonly Problem[] {
  if (tags.length > maxTags)
    return [{ field: 'tags', description: `must have at most ${maxTags} entries, not ${tags.length}` }]
  return tags.flatMap(([key, value]) => {
    const problem = textProblem(key, 1, 64) ?? textProblem(value, 0, 256)
    return problem === undefined ? [] : [{ field: 'tags', description: `a key or a value ${problem}` }]
  })
}
