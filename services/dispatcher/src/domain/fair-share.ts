// How many shards a dispatcher should have. All decide alike from the same rows, each for itself; a shard moves only when its owner
// gives it up or is dead, so two that decide on stale rows disagree for a moment about shares, never about owners.

/** What a dispatcher should do about its share. */
export interface ShareMove {
  /** Unowned shards to take, at most. */
  readonly claim: number
  /** Own shards to give up. */
  readonly giveUp: number
}

/** Decides from how many shards each living dispatcher has, the own one included. */
export function fairShare(shards: number, counts: ReadonlyMap<string, number>, me: string): ShareMove {
  const living = Math.max(1, counts.size)
  const least = Math.floor(shards / living)
  const most = Math.ceil(shards / living)
  const mine = counts.get(me) ?? 0
  const somebodyStarves = [...counts].some(([who, count]) => who !== me && count < least)
  if (mine > most) return { claim: 0, giveUp: mine - most }
  if (mine > least && somebodyStarves) return { claim: 0, giveUp: mine - least }
  // While somebody has too few, nobody takes one more than the least: what was given up for the one is not for the other.
  return { claim: Math.max(0, (somebodyStarves ? least : most) - mine), giveUp: 0 }
}
