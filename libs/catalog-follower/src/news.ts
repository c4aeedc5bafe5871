// News of changes, over core NATS: what they name is read anew, and the catalog hears that we have it. They may be lost; the poll brings the
// same, later. After a reconnect it is asked for at once what was missed.
//
// What could not be looked up is not answered: the catalog goes on without us after its 250 ms, and the poll is run.

import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import type { Bus } from '@strait/bus/connect-bus'
import { CatalogChangedSchema, CatalogHeardSchema } from '@strait/contracts/events/v1/news_pb'
import { type CatalogKind, subjects } from '@strait/contracts/subjects'
import type { Log } from '@strait/service-kit/log'
import { type Part, takingTurns } from '@strait/service-kit/part'

export interface NewsOptions {
  readonly bus: Pick<Bus, 'subscribe' | 'publish' | 'onConnect'>
  readonly followerId: string
  /** Reads one head anew into memory, and sees to what follows from it. */
  readonly take: (id: string) => Promise<void>
  /** Something may have been missed. */
  readonly missed: () => void
  /** The catalog asks who is there. */
  readonly onRollCall: () => void
  readonly log: Log
}

const kinds: readonly CatalogKind[] = ['job', 'job_group', 'environment', 'project', 'workflow']
const answerSubjects = subjects.catalogHeard('')

/** Listens to the catalog. */
export function createNews({ bus, followerId, take, missed, onRollCall, log }: NewsOptions): Part {
  let ends: (() => void)[] = []

  async function hear(bytes: Uint8Array): Promise<void> {
    const { ids, changeId, answerTo } = fromBinary(CatalogChangedSchema, bytes)
    if (ids.length === 0) return onRollCall()
    try {
      await Promise.all(ids.map(take))
    } catch (err) {
      log.debug({ err }, 'news of the catalog could not be looked up; the next turn brings what changed')
      return missed()
    }
    // Nobody makes us send elsewhere.
    if (!answerTo.startsWith(answerSubjects)) return
    bus.publish(answerTo, toBinary(CatalogHeardSchema, create(CatalogHeardSchema, { changeId, followerId })))
  }

  return takingTurns('news of the catalog', {
    async start() {
      const subscriptions = kinds.map((kind) => bus.subscribe(subjects.catalogChanged(kind), hear))
      ends = [...subscriptions.map((one) => () => one.unsubscribe()), bus.onConnect(missed)]
    },
    async stop() {
      for (const end of ends) end()
      ends = []
    },
  })
}
