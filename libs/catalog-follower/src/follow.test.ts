import { create } from '@bufbuild/protobuf'
import { HeadsChangedResponseSchema } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { expect, test } from 'vitest'
import { createFollow } from './follow.ts'
import { noEvents } from './follower-events.ts'

test('each turn that does not reach the catalog says so, and the first one that does again', async () => {
  const told: string[] = []
  let isAway = true
  const follow = createFollow({
    catalog: {
      headsChanged: async () => {
        if (isAway) throw new Error('away')
        return create(HeadsChangedResponseSchema, {})
      },
      getHeads: () => Promise.reject(new Error('nothing is asked for')),
    },
    events: noEvents,
    learn: () => undefined,
    closing: () => [],
    onCutOff: () => told.push('cut off'),
    onReached: () => told.push('reached'),
  })
  for (const away of [true, true, false, false, true, false]) {
    isAway = away
    await follow.runOnce().catch(() => undefined)
    expect(follow.reachesCatalog()).toBe(!away)
  }
  expect(told).toEqual(['cut off', 'cut off', 'reached', 'cut off', 'reached'])
})
