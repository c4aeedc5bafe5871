// The followers of the catalog, as they make themselves heard over core NATS: that they are there, that they go, and that they took a change
// in. A replica that (re)connects knows nobody, so it asks who is there.

import { fromBinary } from '@bufbuild/protobuf'
import type { Bus } from '@strait/bus/connect-bus'
import { CatalogFollowerSchema, CatalogHeardSchema } from '@strait/contracts/events/v1/news_pb'
import { subjects } from '@strait/contracts/subjects'
import { newUuidv7 } from '@strait/domain/ids'
import { type Part, takingTurns } from '@strait/service-kit/part'
import { createAwaitedAnswers } from '../domain/heads/awaited-answers.ts'
import { createFollowerRoll } from '../domain/heads/follower-roll.ts'
import { encodeRollCall, type Followers } from '../wire/announce.ts'

/** Listens to the followers. */
export function createFollowers(
  bus: Pick<Bus, 'subscribe' | 'publish' | 'onConnect' | 'connected'>,
): Followers & Part {
  const roll = createFollowerRoll()
  const answers = createAwaitedAnswers()
  const answerTo = subjects.catalogHeard(newUuidv7())
  let ends: (() => void)[] = []

  function seen(bytes: Uint8Array): void {
    const { followerId, leaves } = fromBinary(CatalogFollowerSchema, bytes)
    if (leaves) {
      roll.left(followerId)
      answers.left(followerId)
    } else roll.seen(followerId, performance.now())
  }

  function heard(bytes: Uint8Array): void {
    const { changeId, followerId } = fromBinary(CatalogHeardSchema, bytes)
    answers.heard(changeId, followerId)
  }

  return {
    ...takingTurns('followers of the catalog', {
      async start() {
        const subscriptions = [bus.subscribe(subjects.catalogFollower, seen), bus.subscribe(answerTo, heard)]
        const callTheRoll = () => bus.publish(subjects.catalogChanged('project'), encodeRollCall())
        ends = [...subscriptions.map((one) => () => one.unsubscribe()), bus.onConnect(callTheRoll)]
      },
      async stop() {
        for (const end of ends) end()
        ends = []
      },
    }),
    answerTo,
    there: () => (bus.connected() ? roll.there(performance.now()) : []),
    expect: answers.expect,
  }
}
