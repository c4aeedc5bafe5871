import { createClient, createRouterTransport } from '@connectrpc/connect'
import { CatalogInternalService } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { expect, test } from 'vitest'
import { noEvents } from './follower-events.ts'
import { createVersions } from './versions.ts'

/** A catalog that has every version up to 5 of every job, with a payload of a size; it remembers the batches it was asked for. */
function aCatalog(bounds: { maxVersions?: number; maxVersionBytes?: number } = {}, payloadLength = 2) {
  const batches: string[][] = []
  const transport = createRouterTransport(({ rpc }) => {
    rpc(CatalogInternalService.method.getJobVersions, ({ refs }) => {
      batches.push(refs.map(({ jobId, version }) => `${jobId}@${version}`))
      return {
        versions: refs.map(({ jobId, version }) =>
          version > 5 ? {} : { job: { id: jobId, version, cronPayload: 'x'.repeat(payloadLength) } },
        ),
      }
    })
  })
  const catalog = createClient(CatalogInternalService, transport)
  const { maxVersions = 100, maxVersionBytes = 1e9 } = bounds
  return { ...createVersions({ catalog, events: noEvents, maxVersions, maxVersionBytes }), batches }
}

test('versions that are missed together are asked for together, each once, and then known', async () => {
  const { get, known, batches } = aCatalog()
  expect(known('a', 1)).toBeUndefined()
  const found = await Promise.all([get('a', 1), get('b', 2), get('a', 1)])
  expect(found.map((job) => `${job?.id}@${job?.version}`)).toEqual(['a@1', 'b@2', 'a@1'])
  expect(await get('a', 1)).toBe(known('a', 1))
  expect(batches).toEqual([['a@1', 'b@2']])
})

test('that there is no such version is not kept', async () => {
  const { get, batches } = aCatalog()
  expect(await get('a', 6)).toBeUndefined()
  expect(await get('a', 6)).toBeUndefined()
  expect(batches).toHaveLength(2)
})

test('what is kept is bounded in number: the one used longest ago goes', async () => {
  const { get, known } = aCatalog({ maxVersions: 2 })
  await get('a', 1)
  await get('b', 1)
  known('a', 1)
  await get('c', 1)
  expect(['a', 'b', 'c'].map((id) => known(id, 1) !== undefined)).toEqual([true, false, true])
})

test('what is kept is bounded in bytes, and what is larger than all of it is answered and not kept', async () => {
  const small = aCatalog({ maxVersionBytes: 10_000 })
  for (const id of ['a', 'b', 'c', 'd', 'e']) await small.get(id, 1)
  const kept = ['a', 'b', 'c', 'd', 'e'].filter((id) => small.known(id, 1) !== undefined)
  expect(kept).toEqual(['b', 'c', 'd', 'e'])
  const large = aCatalog({ maxVersionBytes: 10_000 }, 6_000)
  expect(await large.get('a', 1)).toMatchObject({ id: 'a' })
  expect(large.known('a', 1)).toBeUndefined()
})
