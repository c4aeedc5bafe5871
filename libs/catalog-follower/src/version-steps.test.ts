import { createClient, createRouterTransport } from '@connectrpc/connect'
import { CatalogInternalService } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { expect, test } from 'vitest'
import { noEvents } from './follower-events.ts'
import { createVersionSteps } from './version-steps.ts'

/** A catalog with one job whose versions are compatible or not, from version 2 on; its newest one is told apart. */
function aCatalog(compatible: boolean[]) {
  const asked: number[] = []
  const transport = createRouterTransport(({ rpc }) => {
    rpc(CatalogInternalService.method.listVersionSteps, ({ refs }) => ({
      steps: refs.map(({ jobId, version: after }) => {
        asked.push(after)
        if (jobId !== 'job') return { steps: [] }
        const steps = compatible.map((each, nth) => ({ version: nth + 2, compatible: each })).slice(after - 1)
        const breaking = steps.findIndex((step) => !step.compatible)
        return { steps: breaking === -1 ? steps : steps.slice(0, breaking + 1) }
      }),
    }))
  })
  const catalog = createClient(CatalogInternalService, transport)
  let newest: number | undefined = compatible.length + 1
  const steps = createVersionSteps({
    catalog,
    events: noEvents,
    newestVersion: (id) => (id === 'job' ? newest : undefined),
  })
  return {
    ...steps,
    asked,
    know: (version: number | undefined) => {
      newest = version
    },
  }
}

const shown = (steps: readonly { version: number; compatible: boolean }[] | undefined) =>
  steps?.map(({ version, compatible }) => `${version}${compatible ? '' : ' breaks'}`)

test('steps end with the first that breaks, are asked for once, and then known', async () => {
  const { after, known, asked } = aCatalog([true, false, true])
  expect(known('job', 1)).toBeUndefined()
  expect(shown(await after('job', 1))).toEqual(['2', '3 breaks'])
  expect(shown(known('job', 1))).toEqual(['2', '3 breaks'])
  expect(shown(await after('job', 1))).toEqual(['2', '3 breaks'])
  expect(shown(await after('job', 2))).toEqual(['3 breaks'])
  expect(shown(await after('job', 3))).toEqual(['4'])
  expect(asked).toEqual([1, 2, 3])
})

test('after the newest version nobody has to be asked', async () => {
  const { after, known, asked } = aCatalog([true])
  expect(known('job', 2)).toEqual([])
  expect(await after('job', 2)).toEqual([])
  expect(asked).toEqual([])
})

test('a newer version makes a chain that did not break ask again, and one that broke not', async () => {
  const versions = [true]
  const { after, known, know, asked } = aCatalog(versions)
  expect(shown(await after('job', 1))).toEqual(['2'])
  versions.push(false)
  know(3)
  expect(known('job', 1)).toBeUndefined()
  expect(shown(await after('job', 1))).toEqual(['2', '3 breaks'])
  versions.push(true)
  know(4)
  expect(shown(known('job', 1))).toEqual(['2', '3 breaks'])
  expect(asked).toEqual([1, 1])
})

test('of a job that is not known here the catalog is asked each time', async () => {
  const { after, know, asked } = aCatalog([true])
  know(undefined)
  expect(shown(await after('job', 1))).toEqual(['2'])
  expect(shown(await after('job', 1))).toEqual(['2'])
  expect(await after('no job', 1)).toEqual([])
  expect(asked).toEqual([1, 1, 1])
})
