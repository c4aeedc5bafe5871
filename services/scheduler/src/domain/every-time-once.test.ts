// A job is disabled, enabled and edited again and again while its schedule fires, each change heard of late: whatever the order, the ledger
// names every time exactly once. Of changes that come together only the last is heard of, as the catalog tells it.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { changeSchedule, type KnownSchedule } from './change-schedule.ts'
import { decideFires, type FireDecision } from './decide-fires.ts'

const everyMinute = { cron: '* * * * *', timezone: 'UTC' }
const start = Date.UTC(2026, 2, 2, 12)
const minute = 60_000

const step = fc.record({
  passMs: fc.integer({ min: 1, max: 4 * minute }),
  what: fc.constantFrom('fire', 'hear', 'enable', 'disable', 'edit'),
})

/** The times that a decision puts into the ledger. */
function timesOf({ fires, unfired }: FireDecision): number[] {
  const range =
    unfired === undefined
      ? []
      : Array.from({ length: unfired.count }, (_, i) => unfired.first.getTime() + i * minute)
  return [...range, ...fires.map((time) => time.getTime())]
}

test('every time of a timetable that stays is in the ledger once, however often its job is disabled, enabled and edited', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
      let now = start
      let job = { enabled: true, changedAt: start }
      let known: KnownSchedule = {
        id: 'a',
        ...everyMinute,
        enabled: true,
        nextFireAt: new Date(start),
        missedFrom: null,
      }
      const ledger: number[] = []

      const fire = () => {
        const { nextFireAt } = known
        if (nextFireAt === null || nextFireAt.getTime() > now) return
        const decision = decideFires(
          { ...known, nextFireAt },
          { now: new Date(now), until: new Date(now), most: 1_000 },
        )
        ledger.push(...timesOf(decision))
        known = { ...known, nextFireAt: decision.nextFireAt, missedFrom: decision.missedFrom }
      }
      const hear = () => {
        const changed = { id: 'a', projectId: 'p', version: 1, payload: '{}', timetable: everyMinute }
        const { owed, next } = changeSchedule(
          { ...changed, enabled: job.enabled, changedAt: new Date(job.changedAt) },
          known,
          new Date(now),
        )
        if (owed !== undefined) ledger.push(...timesOf(owed))
        if (next !== undefined) known = { ...known, ...next, enabled: job.enabled }
      }
      for (const { what, passMs } of steps) {
        now += passMs
        if (what === 'fire') fire()
        else if (what === 'hear') hear()
        else job = { enabled: what === 'edit' ? job.enabled : what === 'enable', changedAt: now }
        // Loops turn at least once a minute: what nobody looked after for longer is another story.
        fire()
      }
      const times = ledger.toSorted((a, b) => a - b)
      expect(new Set(times).size).toBe(times.length)
      expect(times).toEqual(Array.from({ length: times.length }, (_, i) => start + i * minute))
    }),
    { seed: 20_260_302, numRuns: 2_000 },
  )
})
