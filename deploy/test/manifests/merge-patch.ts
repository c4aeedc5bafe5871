// A strategic merge as kustomize does it: what a patch says replaces what was there, key by key. Lists replace lists, but
// for those that Kubernetes merges by a key of their items.

type Item = Readonly<Record<string, unknown>>

/** By which key the items of a list are the same; our patches touch no other merged lists. */
const mergeKeys: Readonly<Record<string, string>> = {
  containers: 'name',
  env: 'name',
  volumes: 'name',
  ports: 'containerPort',
  volumeMounts: 'mountPath',
  topologySpreadConstraints: 'topologyKey',
}

/** The value with a patch laid over it. */
export function mergePatch(value: unknown, patch: unknown, key = ''): unknown {
  if (Array.isArray(patch)) return mergeList(Array.isArray(value) ? value : [], patch, key)
  if (!isItem(patch)) return patch
  const merged: Record<string, unknown> = isItem(value) ? { ...value } : {}
  for (const [name, part] of Object.entries(patch)) {
    if (part === null) delete merged[name]
    else merged[name] = mergePatch(merged[name], part, name)
  }
  return merged
}

function mergeList(items: readonly unknown[], patch: readonly unknown[], key: string): readonly unknown[] {
  const by = mergeKeys[key]
  if (by === undefined || ![...items, ...patch].every(isItem)) return patch
  const patches = patch as readonly Item[]
  const sameAs = (item: Item, others: readonly Item[]) => others.find((one) => one[by] === item[by])
  const kept = (items as readonly Item[]).map((item) => mergePatch(item, sameAs(item, patches) ?? {}))
  const added = patches.filter((one) => sameAs(one, items as readonly Item[]) === undefined)
  return [...added, ...kept]
}

function isItem(value: unknown): value is Item {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
