// API keys are verified by the catalog, in batches: everybody who asks while a question is under way shares the next one.
//
// An answer is good for 3 s from the question on. With the second in which a stream asks again and the second that an answer
// may take, a key that was revoked opens nothing after 5 s, whatever news got lost; news of it act at once. While the catalog
// cannot be asked, a key that was good within the last hour stays good until its own end; one that was not, or that was never
// seen, is not let in. A catalog that neither answers nor refuses costs a known key one second every three, not the whole
// time-out of the question.

import { LRUCache } from 'lru-cache'
import type { Caller } from './access.ts'
import { Refusal } from './refusal.ts'

const freshMs = 3_000
const staleMs = 3_600_000
/** As many as the catalog takes in one question. */
const maxBatch = 1_000
const keyShape = /^strait_([0-9a-z]{1,32})_[0-9A-Za-z]{1,64}$/

/** What the catalog says of a key that is in force. */
export interface VerifiedKey {
  readonly caller: Caller
  /** Until when that holds at most, in unix milliseconds; undefined for a key without an end. */
  readonly endsAt: number | undefined
}

/** Answers one entry per key, in order; undefined for a key that is not valid. */
export type VerifyKeys = (keys: readonly string[]) => Promise<readonly (VerifiedKey | undefined)[]>

/** Finds out whose API keys are. */
export interface KeyVerifier {
  /** Whether a key was good within the last hour, as far as is known. */
  knows(key: string): boolean
  /** Whose a key is; undefined for one that is not valid. */
  verify(key: string): Promise<Caller | undefined>
  /** What is known of these keys, by their public part, is no longer true. */
  forget(keyIds: readonly string[]): void
}

/** For a server that no API key opens. */
export const noKeys: KeyVerifier = Object.freeze({
  knows: () => false,
  verify: async () => undefined,
  forget: () => undefined,
})

/** Clocks, and how long a known key waits for the catalog; tests turn them. */
export interface VerifierTimes {
  /** Monotonic, in milliseconds. */
  readonly now: () => number
  /** Unix time in milliseconds. */
  readonly wall: () => number
  readonly patienceMs: number
}

const realTimes: VerifierTimes = { now: () => performance.now(), wall: Date.now, patienceMs: 1_000 }

/** A key that was good when it was last asked about. */
interface GoodKey {
  readonly verified: VerifiedKey
  /** Until when nobody has to be asked. */
  readonly askAt: number
  /** Until when it counts while nobody can be asked. */
  readonly staleAt: number
}

/** A cached, batched way to verify keys. */
export function createKeyVerifier(verifyKeys: VerifyKeys, times: Partial<VerifierTimes> = {}): KeyVerifier {
  const { now, wall, patienceMs } = { ...realTimes, ...times }
  const ask = inBatches(verifyKeys, now)
  // Apart, so that a flood of invented keys does not push out the good ones.
  const good = new LRUCache<string, GoodKey>({ max: 10_000 })
  const bad = new LRUCache<string, number>({ max: 10_000 })
  // Which texts belong to a key's public part: after a rotation there are two.
  const textsOf = new LRUCache<string, Set<string>>({ max: 10_000 })
  let forgottenAt = Number.NEGATIVE_INFINITY

  const isOver = ({ endsAt }: VerifiedKey) => endsAt !== undefined && wall() >= endsAt

  async function askAndRemember(key: string): Promise<Caller | undefined> {
    const { askedAt, verified } = await ask(key)
    if (verified === undefined || isOver(verified)) {
      good.delete(key)
      bad.set(key, askedAt + freshMs)
      return undefined
    }
    bad.delete(key)
    // What was asked before the latest news may be what the news are about: it is good once and not remembered.
    if (askedAt <= forgottenAt) return verified.caller
    good.set(key, { verified, askAt: askedAt + freshMs, staleAt: askedAt + staleMs })
    const id = keyShape.exec(key)?.[1] ?? ''
    textsOf.set(id, (textsOf.get(id) ?? new Set()).add(key))
    return verified.caller
  }

  async function askAboutKnown(key: string, before: GoodKey): Promise<Caller | undefined> {
    try {
      return await within(patienceMs, askAndRemember(key))
    } catch {
      // Unless somebody else got an answer, or news came, meanwhile.
      const latest = good.get(key)
      if (latest === undefined) return unavailable()
      if (latest !== before) return latest.verified.caller
      good.set(key, { ...before, askAt: Math.min(now() + freshMs, before.staleAt) })
      return before.verified.caller
    }
  }

  return {
    knows(key) {
      const entry = good.get(key)
      return entry !== undefined && now() < entry.staleAt && !isOver(entry.verified)
    },
    async verify(key) {
      if (!keyShape.test(key)) return undefined
      const entry = good.get(key)
      const over = entry !== undefined && isOver(entry.verified)
      if (entry !== undefined && now() < entry.askAt) return over ? undefined : entry.verified.caller
      if (now() < (bad.get(key) ?? 0)) return undefined
      if (entry !== undefined && !over && now() < entry.staleAt) return askAboutKnown(key, entry)
      try {
        // Of one that is over too: it may have been given a later end.
        return await askAndRemember(key)
      } catch (cause) {
        if (over) return undefined
        if (cause instanceof Refusal) throw cause
        return unavailable(cause)
      }
    },
    forget(keyIds) {
      forgottenAt = now()
      for (const id of keyIds) {
        for (const text of textsOf.get(id) ?? []) good.delete(text)
        textsOf.delete(id)
      }
      // Few, and asked again at once: a key may have begun to work.
      bad.clear()
    },
  }
}

function unavailable(cause?: unknown): never {
  throw new Refusal('UNAVAILABLE', 'keys cannot be verified right now, try again', { cause })
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(`no answer within ${ms} ms`)), ms)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

interface Answers {
  readonly askedAt: number
  readonly keys: ReadonlyMap<string, VerifiedKey | undefined>
}
interface Answer {
  readonly askedAt: number
  readonly verified: VerifiedKey | undefined
}

/** Turns a question about many keys into one about a single key; questions that come meanwhile are gathered. */
function inBatches(verifyKeys: VerifyKeys, now: () => number): (key: string) => Promise<Answer> {
  let gathered = new Set<string>()
  let next: Promise<Answers> | undefined
  let underWay: Promise<unknown> = Promise.resolve()

  async function askNext(): Promise<Answers> {
    await underWay.catch(() => undefined)
    const keys = [...gathered]
    gathered = new Set()
    next = undefined
    const askedAt = now()
    const asked = verifyKeys(keys)
    underWay = asked
    const verified = await asked
    if (verified.length !== keys.length)
      throw new Error(`asked about ${keys.length} keys, the answer has ${verified.length}`)
    return { askedAt, keys: new Map(keys.map((key, i) => [key, verified[i]])) }
  }

  return async (key) => {
    // Not more at once than the catalog takes; a flood is told to come back.
    if (gathered.size >= maxBatch && !gathered.has(key))
      throw new Refusal('OVERLOADED', 'too many keys are being verified, try again')
    gathered.add(key)
    next ??= askNext()
    const { askedAt, keys } = await next
    return { askedAt, verified: keys.get(key) }
  }
}
