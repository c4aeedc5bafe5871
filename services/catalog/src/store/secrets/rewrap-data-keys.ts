// The data keys of projects, sealed anew with another master key. What they encrypt stays as it is, so few rows are written. Each batch is
// one transaction: dying in the middle leaves every project under one of the two keys, which a catalog that knows both reads all the same,
// and a second run leaves those alone that are done.
//
// Nothing of a project that anybody follows or lists changes, so neither does its revision.

import { sql } from 'kysely'
import type { CatalogDb } from '../database.ts'
import { isSealedWith, type MasterKey, sealDataKeyAnew } from './secret-box.ts'

const batchSize = 100

/** How many projects were sealed anew, and how many were before. */
export interface Rewrapped {
  readonly sealed: number
  readonly alreadySealed: number
}

/** The ids of projects whose data key neither key opens, at most `limit` of them. */
export async function findUnopenable(
  db: CatalogDb,
  { current, previous }: MasterKey,
  limit: number,
): Promise<readonly string[]> {
  const keys = previous === undefined ? [current] : [current, previous]
  const found: string[] = []
  for await (const batch of batches(db)) {
    const wrong = batch.filter(({ id, dataKey }) => !keys.some((key) => isSealedWith(key, id, dataKey)))
    found.push(...wrong.map(({ id }) => id))
    if (found.length >= limit) break
  }
  return found.slice(0, limit)
}

/** Seals every data key with the current master key; the previous one opens those that it does not. */
export async function rewrapDataKeys(db: CatalogDb, masterKey: MasterKey): Promise<Rewrapped> {
  let [sealed, alreadySealed] = [0, 0]
  for await (const batch of batches(db)) {
    const written = await rewrapBatch(
      db,
      masterKey,
      batch.map(({ id }) => id),
    )
    sealed += written
    alreadySealed += batch.length - written
  }
  return { sealed, alreadySealed }
}

async function rewrapBatch(db: CatalogDb, masterKey: MasterKey, ids: readonly string[]): Promise<number> {
  return await db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ id: string; data_key: Buffer }>`
      select id, data_key from projects where id = any(${ids}::uuid[]) order by id for no key update
    `.execute(trx)
    const old = rows.filter(({ id, data_key: key }) => !isSealedWith(masterKey.current, id, key))
    await sql`
      update projects as p set data_key = t.data_key
      from unnest(
        ${old.map(({ id }) => id)}::uuid[],
        ${old.map(({ id, data_key: key }) => sealDataKeyAnew(masterKey, id, key))}::bytea[]
      ) as t (id, data_key)
      where p.id = t.id
    `.execute(trx)
    return old.length
  })
}

interface SealedKey {
  readonly id: string
  readonly dataKey: Buffer
}

async function* batches(db: CatalogDb): AsyncGenerator<readonly SealedKey[]> {
  for (let after: string | undefined; ; ) {
    const isNext = after === undefined ? sql`true` : sql`id > ${after}::uuid`
    const { rows: batch } = await sql<SealedKey>`
      select id, data_key as "dataKey" from projects where ${isNext} order by id limit ${batchSize}
    `.execute(db)
    if (batch.length > 0) yield batch
    if (batch.length < batchSize) return
    after = batch.at(-1)?.id
  }
}
