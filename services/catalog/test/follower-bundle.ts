import { createBus } from '@strait/bus/connect-bus'
import { type CatalogFollower, createCatalogFollower } from '@strait/catalog-follower/catalog-follower'
import type { HeadChange } from '@strait/catalog-follower/head-change'
import { CatalogInternalService } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { createServiceClient } from '@strait/contracts/clients'
import type { CatalogKind } from '@strait/contracts/subjects'
import { createLog } from '@strait/service-kit/log'
import { startParts, stopParts } from '@strait/service-kit/part'
import { createTcpProxy, type TcpProxy } from '@strait/testkit/tcp-proxy'
import { startTestNats, type TestNats } from '@strait/testkit/test-nats'
import { waitFor } from '@strait/testkit/wait-for'
import { onTestFinished } from 'vitest'
import { createFollowers } from '../src/consumers/followers.ts'
import { type Announce, createAnnounce } from '../src/wire/announce.ts'
import { serviceToken } from './app-bundle.ts'

/** A poll so rare that whatever a test sees came by news or by a question. */
export const never = 600_000

/** A follower with its wires, which can be damaged. */
export interface FollowerBundle {
  readonly follower: CatalogFollower
  /** What listeners were told since the start. */
  readonly changes: HeadChange[]
  readonly toCatalog: TcpProxy
  readonly toNats: TcpProxy
  stop(): Promise<void>
}

/** A NATS server that lives as long as the test. */
export async function aNats(): Promise<TestNats> {
  const nats = await startTestNats()
  onTestFinished(() => nats.stop())
  return nats
}

/** Starts a follower of the catalog behind an address; without NATS unless its port is given. */
export async function aFollower(options: {
  readonly catalogUrl: string
  readonly natsPort?: number
  readonly pollMs?: number
  /** Whether the catalog cannot be reached at first. */
  readonly cutOff?: boolean
}): Promise<FollowerBundle> {
  const log = createLog('follower', 'silent')
  const toCatalog = await createTcpProxy({ port: Number(new URL(options.catalogUrl).port) })
  const toNats = await createTcpProxy({ port: options.natsPort ?? 1 })
  if (options.cutOff === true) toCatalog.refuse()
  const bus = createBus({ url: `nats://127.0.0.1:${toNats.port}`, name: 'follower', log })
  const catalog = createServiceClient(CatalogInternalService, {
    baseUrl: `http://127.0.0.1:${toCatalog.port}`,
    bearer: serviceToken,
    timeoutMs: 2_000,
  })
  const follower = createCatalogFollower({ catalog, bus, log, pollMs: options.pollMs ?? 1_000 })
  const changes: HeadChange[] = []
  follower.onChanged((some) => void changes.push(...some))
  const parts = [bus, follower]
  const stop = () => stopParts(parts)
  onTestFinished(async () => {
    await stop()
    await toCatalog.close()
    await toNats.close()
  })
  await startParts(parts)
  return { follower, changes, toCatalog, toNats, stop }
}

/** Another replica of the catalog, as far as announcing goes. */
export interface Announcer {
  readonly announce: Announce
  /** Announces and answers how long that waited, in milliseconds. */
  timed(kind: CatalogKind, ids: readonly string[]): Promise<number>
  /** Each wait for followers: whether it ran out. */
  readonly waits: boolean[]
  there(): readonly string[]
  /** Waits until so many followers are known. */
  knows(followers: number): Promise<void>
  readonly toNats: TcpProxy
}

/** Starts one. */
export async function anAnnouncer(natsPort: number, waitMs = 250): Promise<Announcer> {
  const toNats = await createTcpProxy({ port: natsPort })
  const bus = createBus({ url: `nats://127.0.0.1:${toNats.port}`, name: 'announcer' })
  const followers = createFollowers(bus)
  const waits: boolean[] = []
  const waited = (_: number, ranOut: boolean) => waits.push(ranOut)
  const announce = createAnnounce({ publish: bus.publish, followers, waitMs, waited })
  const parts = [bus, followers]
  onTestFinished(async () => {
    await stopParts(parts)
    await toNats.close()
  })
  await startParts(parts)
  return {
    announce,
    waits,
    toNats,
    there: followers.there,
    async timed(kind, ids) {
      const startedAt = performance.now()
      await announce(kind, ids)
      return performance.now() - startedAt
    },
    async knows(count) {
      await waitFor(() => followers.there().length === count, { what: `${count} followers to be known` })
    },
  }
}
