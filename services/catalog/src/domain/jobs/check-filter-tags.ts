import { textProblem } from '../text-rules.ts'
import type { Problem } from './job-input.ts'

const maxTags = 20

/** Names what is wrong with the tags that a list is filtered by. */
export function checkFilterTags(tags: Readonly<Record<string, string>>): readonly Problem[] {
  const entries = Object.entries(tags)
  if (entries.length > maxTags)
    return [{ field: 'tags', description: `must be at most ${maxTags}, not ${entries.length}` }]
  return entries.flatMap(([key, value]) => {
    const problem = textProblem(key, 1, 64) ?? textProblem(value, 0, 256)
    return problem === undefined ? [] : [{ field: 'tags', description: `a key or a value ${problem}` }]
  })
}
