// Which shard a job belongs to. The answer is stored beside every live run and decides who may admit it, so it
// must never change: not with a release, not with a machine. The tests hold it to fixed vectors.

/** The number of shards that the dispatchers share out among themselves. */
export const SHARDS = 64

/**
 * The shard of a job: FNV-1a over the id's text, of which the top six bits are the shard, because the low bits of
 * FNV-1a depend on the low bits of the characters only.
 */
export function shardOf(jobId: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < jobId.length; i += 1) {
    // The bit makes hex digits lower case and leaves digits and hyphens as they are: A0 and a0 are one id.
    hash = Math.imul(hash ^ (jobId.charCodeAt(i) | 0x20), 0x01000193)
  }
  return hash >>> 26
}
