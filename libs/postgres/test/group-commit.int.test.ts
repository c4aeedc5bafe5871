import { createTestDatabase } from '@strait/testkit/test-database'
import { expect, test } from 'vitest'
import { createGroupCommit } from '../src/group-commit.ts'
import { createPool } from '../src/pool.ts'

test('against Postgres, bad rows in a thousand fail alone and all others are committed in few statements', async () => {
  const database = await createTestDatabase()
  const pool = createPool({ url: database.url, max: 1, name: 'group-commit', onError: () => undefined })
  try {
    await pool.query('create table items (id int primary key constraint id_not_seven check (id % 400 <> 7))')
    const flushes: number[] = []
    const commit = createGroupCommit<number, number>({
      flush: async (ids) => {
        await pool.query('insert into items select unnest($1::int[])', [ids])
        return ids
      },
      sizeOf: () => 4,
      onFlush: (count) => flushes.push(count),
    })
    const outcomes = await Promise.allSettled(Array.from({ length: 1000 }, (_, id) => commit.submit(id)))
    const failed = outcomes.flatMap((outcome, id) => (outcome.status === 'rejected' ? [id] : []))
    expect(failed).toEqual([7, 407, 807])
    const { rows } = await pool.query('select count(*)::int4 as count from items')
    expect(rows).toEqual([{ count: 997 }])
    expect(flushes.slice(0, 1)).toEqual([500])
    expect(flushes.length).toBeLessThan(60)
  } finally {
    await pool.end()
    await database.drop()
  }
})
