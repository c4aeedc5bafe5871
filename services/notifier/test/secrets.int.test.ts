import { createReceiver } from '@strait/testkit/receiver'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { createWebhookSecrets } from '../src/http/webhook-secrets.ts'
import { aDelivery, setup } from './bundle.ts'

const canary = 'whsec_Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5LTE='
const canaryKey = 'canary-canary-canary-canary-1'

test('a secret is in no row and in no line of the log, whatever becomes of the delivery', async () => {
  await using bundle = await setup()
  await using good = await createReceiver()
  await using bad = await createReceiver(() => 'reset')
  await bundle.insert([aDelivery(good.url), aDelivery(bad.url)])
  const secretsOf = createWebhookSecrets(async (jobIds) => jobIds.map(() => [canary]))
  const notifier = bundle.notifier({ secretsOf })
  await notifier.start()
  await good.waitFor(({ headers }) => headers['webhook-signature'] !== undefined)
  await bad.waitFor(() => bad.requests.length === 3)
  await notifier.stop()

  const everything = [...(await allRows(bundle.db)), ...bundle.lines].join('\n')
  expect(everything).toContain(good.url)
  for (const text of [canary, canaryKey]) {
    expect(everything).not.toContain(text)
    expect(everything).not.toContain(Buffer.from(text).toString('hex'))
  }
})

async function allRows(db: Awaited<ReturnType<typeof setup>>['db']): Promise<readonly string[]> {
  const { rows: tables } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables where table_schema = 'notifier'
  `.execute(db)
  const found = await Promise.all(
    tables.map(({ name }) =>
      sql<{ row: string }>`select t::text as row from ${sql.table(name)} t`.execute(db),
    ),
  )
  return found.flatMap(({ rows }) => rows.map(({ row }) => row))
}
