// API keys are verified by the catalog, in batches: everybody who asks while a question is under way shares the next one.
// An answer is good for 5 s. While the catalog cannot be asked, a key that was good within the last hour stays good; one that
// was not, or that was never seen, is not let in. A catalog that neither answers nor refuses costs a known key one second
// every five, not the whole time-out of the question.

import { LRUCache } from 'lru-cache'
import type { Caller, VerifyKey } from './access.ts'
import { Refusal } from './refusal.ts'

const freshMs = 5_000
const staleMs = 3_600_000
/** As many as the catalog takes in one question. */
const maxBatch = 1_000
const keyShape = /^strait_[0-9a-z]{1,32}_[0-9A-Za-z]{1,64}$/

/** Answers one entry per key, in order; undefined for a key that is not valid. */
export type VerifyKeys = (keys: readonly string[]) => Promise<readonly (Caller | undefined)[]>

type Answers = ReadonlyMap<string, Caller | undefined>

/**
 * A cached, batched way to verify keys. `now` is a monotonic clock in milliseconds; `patienceMs` is how long a known key waits
 * for the catalog.
 */
export function createKeyVerifier(
  verifyKeys: VerifyKeys,
  now: () => number = () => performance.now(),
  patienceMs = 1_000,
): VerifyKey {
  const ask = inBatches(verifyKeys)
  // Apart, so that a flood of invented keys does not push out the good ones.
  const good = new LRUCache<string, GoodKey>({ max: 10_000 })
  const bad = new LRUCache<string, number>({ max: 10_000 })

  async function askAndRemember(key: string): Promise<Caller | undefined> {
    const caller = await ask(key)
    if (caller === undefined) {
      good.delete(key)
      bad.set(key, now() + freshMs)
    } else {
      bad.delete(key)
      good.set(key, { caller, askAt: now() + freshMs, endsAt: now() + staleMs })
    }
    return caller
  }

  async function askAboutKnown(key: string, known: GoodKey): Promise<Caller | undefined> {
    try {
      return await within(patienceMs, askAndRemember(key))
    } catch {
      // Unless somebody else got an answer meanwhile.
      if (good.get(key) === known) good.set(key, { ...known, askAt: Math.min(now() + freshMs, known.endsAt) })
      return known.caller
    }
  }

  return async (key) => {
    if (!keyShape.test(key)) return undefined
    const known = good.get(key)
    if (known !== undefined && now() < known.askAt) return known.caller
    if (now() < (bad.get(key) ?? 0)) return undefined
    if (known !== undefined && now() < known.endsAt) return askAboutKnown(key, known)
    try {
      return await askAndRemember(key)
    } catch (cause) {
      if (cause instanceof Refusal) throw cause
      throw new Refusal('UNAVAILABLE', 'keys cannot be verified right now, try again', { cause })
    }
  }
}

/** A key that was good when it was last asked about. */
interface GoodKey {
  readonly caller: Caller
  /** Until when nobody has to be asked. */
  readonly askAt: number
  /** Until when it counts while nobody can be asked. */
  readonly endsAt: number
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(`no answer within ${ms} ms`)), ms)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

/** Turns a question about many keys into one about a single key; questions that come meanwhile are gathered. */
function inBatches(verifyKeys: VerifyKeys): (key: string) => Promise<Caller | undefined> {
  let gathered = new Set<string>()
  let next: Promise<Answers> | undefined
  let underWay: Promise<unknown> = Promise.resolve()

  async function askNext(): Promise<Answers> {
    await underWay.catch(() => undefined)
    const keys = [...gathered]
    gathered = new Set()
    next = undefined
    const asked = verifyKeys(keys)
    underWay = asked
    const callers = await asked
    if (callers.length !== keys.length)
      throw new Error(`asked about ${keys.length} keys, the answer has ${callers.length}`)
    return new Map(keys.map((key, i) => [key, callers[i]]))
  }

  return async (key) => {
    // Not more at once than the catalog takes; a flood is told to come back.
    if (gathered.size >= maxBatch && !gathered.has(key))
      throw new Refusal('OVERLOADED', 'too many keys are being verified, try again')
    gathered.add(key)
    next ??= askNext()
    return (await next).get(key)
  }
}
