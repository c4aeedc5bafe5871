import { metrics } from '@opentelemetry/api'
import { createLog } from '@strait/service-kit/log'
import { expect, test } from 'vitest'
import { createRunCreator } from '../src/create-runs.ts'
import { createEvents } from '../src/events.ts'
import { toEnd } from '../src/loops/ends.ts'
import { createFinisher } from '../src/loops/finisher.ts'
import { createIncarnation } from '../src/loops/incarnation.ts'
import { type Started, startAttempts } from '../src/store/start-attempts.ts'
import { aNewRun, aStart, setup } from './store-bundle.ts'

const mebibyte = 2 ** 20
// As much as a run may carry in characters of one byte.
const metadata = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`key-${i}`, 'x'.repeat(1024)]))
const events = createEvents(metrics.getMeter('test'), createLog('test', 'silent'))
const ignore = () => undefined

test('runs with much metadata are stored and ended in batches of bounded size', async () => {
  await using bundle = await setup()
  const runs = Array.from({ length: 400 }, () => aNewRun({ metadata }))
  const createRun = createRunCreator({
    db: bundle.db,
    events,
    offer: ignore,
    publishNews: ignore,
    onChanged: ignore,
  })
  await Promise.all(runs.map((run) => createRun(run)))
  const { rows: batches } = await bundle.db.query<{ bytes: number }>(
    'select sum(octet_length(metadata))::int as bytes from runs group by xmin::text',
  )
  expect(Math.max(...batches.map(({ bytes }) => bytes))).toBeLessThan(9 * mebibyte)

  const me = createIncarnation(await bundle.living(), 60_000, performance.now())
  const started: Started[] = []
  while (started.length < runs.length) {
    const rest = runs.slice(started.length).map((run) => aStart(run))
    const next = await startAttempts(bundle.hot, me, rest)
    expect(next.length).toBeGreaterThan(0)
    expect(next.length * JSON.stringify(metadata).length).toBeLessThan(9 * mebibyte)
    started.push(...next)
  }
  const finisher = createFinisher({
    db: bundle.hot,
    events,
    publishNews: ignore,
    onChanged: ignore,
    offer: ignore,
  })
  const ends = started.map((run) =>
    toEnd(
      run,
      me.execId,
      { kind: 'succeeded', httpStatus: 200, result: '{}' },
      { to: 'completed', result: '{}' },
      Date.now(),
      undefined,
    ),
  )
  await Promise.all(ends.slice(0, 200).map((end) => finisher.finish(me, end)))
  expect(await finisher.write({ execId: me.execId, generation: 1 }, ends.slice(200))).toBe(200)
  const { rows } = await bundle.db.query<{ bytes: number }>('select octet_length(body) as bytes from feed')
  expect(Math.max(...rows.map(({ bytes }) => bytes))).toBeLessThan(9 * mebibyte)
  expect(await bundle.count('outcomes')).toBe(400)
})
