// Whether an environment may have another one as its parent. Pure: the environments of the project come in, as they are under the lock
// that every change of an environment takes, so no other change makes a cycle meanwhile.

/** How many environments there may be from the root to the last child. */
export const maxLine = 10

/** Parents by id; null for an environment without one. */
export type Parents = ReadonlyMap<string, string | null>

/**
 * Says why `parentId` cannot be the parent of `id`, or nothing. A new environment has no id yet. What hangs below the environment moves
 * with it, so its depth counts too.
 */
export function parentProblem(
  parents: Parents,
  id: string | undefined,
  parentId: string,
): string | undefined {
  if (!parents.has(parentId)) return 'names no environment of this project'
  const above = lineOf(parents, parentId)
  if (id !== undefined && above.includes(id))
    return id === parentId
      ? 'is the environment itself'
      : 'would make a cycle: it has this environment above it'
  const below = id === undefined ? 1 : heightOf(parents, id)
  const length = above.length + below
  return length > maxLine
    ? `would make a line of ${length} environments; at most ${maxLine} may be in one`
    : undefined
}

/** The environments from this one up to the root. */
function lineOf(parents: Parents, id: string): readonly string[] {
  const line: string[] = []
  for (let at: string | null = id; at !== null && !line.includes(at); at = parents.get(at) ?? null)
    line.push(at)
  return line
}

/** How many environments there are from this one down to the deepest child. */
function heightOf(parents: Parents, id: string): number {
  // Nothing bounds how many have one parent, so each is looked at once.
  const children = Map.groupBy(parents, ([, parent]) => parent)
  let height = 0
  for (let level: readonly string[] = [id]; level.length > 0 && height <= maxLine; height++)
    level = level.flatMap((each) => (children.get(each) ?? []).map(([child]) => child))
  return height
}
