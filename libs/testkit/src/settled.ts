/**
 * Readers of feeds see a row once every transaction that is older has ended, in the whole cluster: a test of another file may hold one
 * open. This waits for that fact.
 */
import { Client } from 'pg'
import { waitFor } from './wait-for.ts'

/** Resolves when everything that was committed before the call is settled: no older transaction is open anywhere. */
export async function settled(url: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ xid: string }>('select pg_current_xact_id()::text as xid')
    const isPast = async () => {
      const answer = await client.query<{ past: boolean }>(
        'select pg_snapshot_xmin(pg_current_snapshot()) > $1::xid8 as past',
        [rows[0]?.xid],
      )
      return answer.rows[0]?.past
    }
    await waitFor(isPast, { what: 'older transactions to end', timeoutMs: 20_000 })
  } finally {
    await client.end()
  }
}
