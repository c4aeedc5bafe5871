import { expect, test } from 'vitest'
import { createGroupCommit, TooMuchError } from './group-commit.ts'

// A flush that the test lets go: each call is recorded and waits until it is answered.
function heldFlush() {
  const calls: { items: readonly number[]; answer: () => void; fail: (error: unknown) => void }[] = []
  const flush = (items: readonly number[]) =>
    new Promise<readonly number[]>((resolve, reject) => {
      calls.push({ items, answer: () => resolve(items.map((item) => item * 10)), fail: reject })
    })
  return { calls, flush }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
const sizeOf = () => 1
const rowFault = () => Object.assign(new Error('a bad row'), { code: '23514', severity: 'ERROR' })
const lostConnection = () => Object.assign(new Error('gone'), { code: 'ECONNRESET' })

test('callers of one turn share a flush, and each gets its own answer', async () => {
  const flushed: number[] = []
  const { calls, flush } = heldFlush()
  const commit = createGroupCommit({ flush, sizeOf, onFlush: (count) => flushed.push(count) })
  const answers = Promise.all([commit.submit(1), commit.submit(2), commit.submit(3)])
  await turn()
  expect(calls.map((call) => call.items)).toEqual([[1, 2, 3]])
  calls[0]?.answer()
  expect(await answers).toEqual([10, 20, 30])
  expect(flushed).toEqual([3])
})

test('whoever comes during a flush waits for the next one, which starts when the first returned', async () => {
  const { calls, flush } = heldFlush()
  const commit = createGroupCommit({ flush, sizeOf })
  const first = commit.submit(1)
  await turn()
  const later = [commit.submit(2), commit.submit(3)]
  await turn()
  expect(calls).toHaveLength(1)
  expect(commit.waiting).toBe(3)
  calls[0]?.answer()
  expect(await first).toBe(10)
  await turn()
  expect(calls.map((call) => call.items)).toEqual([[1], [2, 3]])
  calls[1]?.answer()
  expect(await Promise.all(later)).toEqual([20, 30])
  expect(commit.waiting).toBe(0)
})

test('a batch ends at maxItems and before maxBytes, and an item larger than maxBytes goes alone', async () => {
  const batches: (readonly number[])[] = []
  const flush = async (items: readonly number[]) => {
    batches.push(items)
    return items
  }
  const commit = createGroupCommit({ flush, sizeOf: (item) => item, maxItems: 3, maxBytes: 10 })
  await Promise.all([1, 1, 1, 1, 5, 5, 50, 2, 8].map((item) => commit.submit(item)))
  expect(batches).toEqual([[1, 1, 1], [1, 5], [5], [50], [2, 8]])
})

test('more than maxWaiting is refused at once, and there is room again once the flush returned', async () => {
  const { calls, flush } = heldFlush()
  const commit = createGroupCommit({ flush, sizeOf, maxWaiting: 2 })
  const taken = Promise.all([commit.submit(1), commit.submit(2)])
  await expect(commit.submit(3)).rejects.toBeInstanceOf(TooMuchError)
  await turn()
  await expect(commit.submit(4)).rejects.toBeInstanceOf(TooMuchError)
  calls[0]?.answer()
  expect(await taken).toEqual([10, 20])
  await commit.idle()
  const again = commit.submit(5)
  await turn()
  calls[1]?.answer()
  expect(await again).toBe(50)
})

test('more bytes than may wait are refused, unless nothing else waits', async () => {
  const { calls, flush } = heldFlush()
  const commit = createGroupCommit({ flush, sizeOf: (item) => item, maxWaitingBytes: 10 })
  const large = commit.submit(11)
  await expect(commit.submit(1)).rejects.toBeInstanceOf(TooMuchError)
  await turn()
  calls[0]?.answer()
  expect(await large).toBe(110)
})

test('one bad row fails alone, and the rows beside it are written in their order', async () => {
  const written: number[] = []
  const flush = async (items: readonly number[]) => {
    if (items.includes(13)) throw rowFault()
    written.push(...items)
    return items
  }
  const commit = createGroupCommit({ flush, sizeOf })
  const items = Array.from({ length: 40 }, (_, index) => index)
  const outcomes = await Promise.allSettled(items.map((item) => commit.submit(item)))
  expect(outcomes.flatMap((outcome, item) => (outcome.status === 'rejected' ? [item] : []))).toEqual([13])
  expect(written).toEqual(items.filter((item) => item !== 13))
})

test('a lost connection rejects the whole batch, and the next batch is tried again', async () => {
  const { calls, flush } = heldFlush()
  const commit = createGroupCommit({ flush, sizeOf })
  const lost = Promise.allSettled([commit.submit(1), commit.submit(2)])
  await turn()
  const next = commit.submit(3)
  calls[0]?.fail(lostConnection())
  expect((await lost).map((outcome) => outcome.status)).toEqual(['rejected', 'rejected'])
  await turn()
  expect(calls.map((call) => call.items)).toEqual([[1, 2], [3]])
  calls[1]?.answer()
  expect(await next).toBe(30)
})

test('a connection lost between the halves of a batch rejects what was not written yet without trying it', async () => {
  const { calls, flush } = heldFlush()
  const commit = createGroupCommit({ flush, sizeOf })
  const outcomes = Promise.allSettled([1, 2, 3, 4].map((item) => commit.submit(item)))
  await turn()
  calls[0]?.fail(rowFault())
  await turn()
  calls[1]?.answer()
  await turn()
  calls[2]?.fail(lostConnection())
  expect((await outcomes).map((outcome) => outcome.status)).toEqual([
    'fulfilled',
    'fulfilled',
    'rejected',
    'rejected',
  ])
  expect(calls.map((call) => call.items)).toEqual([
    [1, 2, 3, 4],
    [1, 2],
    [3, 4],
  ])
})

test('a flush that answers too few results rejects its callers', async () => {
  const commit = createGroupCommit({ flush: async (items: readonly number[]) => items.slice(1), sizeOf })
  const outcomes = await Promise.allSettled([commit.submit(1), commit.submit(2)])
  expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected'])
})

test('idle resolves at once when nothing waits, and otherwise after the last answer', async () => {
  const { calls, flush } = heldFlush()
  const commit = createGroupCommit({ flush, sizeOf })
  await commit.idle()
  const answer = commit.submit(1)
  let idle = false
  const becameIdle = commit.idle().then(() => {
    idle = true
  })
  await turn()
  expect(idle).toBe(false)
  calls[0]?.answer()
  await answer
  await becameIdle
  expect(commit.waiting).toBe(0)
})

// A small generator, so that a failing seed can be run again.
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

test.each(Array.from({ length: 60 }, (_, seed) => seed))(
  'every item is written once and in order or rejected for its own fault (seed %i)',
  async (seed) => {
    const random = randomFrom(seed)
    const maxItems = 1 + Math.floor(random() * 12)
    const maxBytes = 1 + Math.floor(random() * 60)
    const written: number[] = []
    const items = Array.from({ length: 200 }, (_, id) => ({
      id,
      bytes: Math.floor(random() * 12),
      bad: random() < 0.1,
    }))
    const flush = async (batch: typeof items) => {
      expect(batch.length).toBeLessThanOrEqual(maxItems)
      const bytes = batch.reduce((sum, item) => sum + item.bytes, 0)
      expect(batch.length === 1 || bytes <= maxBytes).toBe(true)
      await turn()
      if (batch.some((item) => item.bad)) throw rowFault()
      written.push(...batch.map((item) => item.id))
      return batch.map((item) => item.id)
    }
    const commit = createGroupCommit<(typeof items)[number], number>({
      flush: (batch) => flush([...batch]),
      sizeOf: (item) => item.bytes,
      maxItems,
      maxBytes,
    })
    const answers: Promise<number>[] = []
    for (const item of items) {
      const answer = commit.submit(item)
      answer.catch(() => {
        // Looked at below, when all are settled.
      })
      answers.push(answer)
      if (random() < 0.2) await turn()
    }
    const outcomes = await Promise.allSettled(answers)
    const good = items.filter((item) => !item.bad).map((item) => item.id)
    expect(written).toEqual(good)
    expect(outcomes.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))).toEqual(good)
    expect(commit.waiting).toBe(0)
  },
)
