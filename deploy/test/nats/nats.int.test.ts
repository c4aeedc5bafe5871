import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { streams } from '@strait/bus/topology'
import { expect, test } from 'vitest'
import { workloadsOf } from '../manifests/kube-object.ts'
import { readObjects } from '../manifests/render.ts'
import { deployFolder } from '../places.ts'
import { startNats } from './start-nats.ts'

test('the NATS that is described has room for all streams and answers the probes', async () => {
  await using nats = await startNats()
  const paths = readObjects(readFileSync(join(deployFolder, 'kubernetes/base/nats.yaml'), 'utf8'))
    .flatMap((object) => workloadsOf([object]))
    .flatMap(({ spec }) => spec.template.spec.containers)
    .flatMap(({ startupProbe, livenessProbe, readinessProbe }) => [
      startupProbe,
      livenessProbe,
      readinessProbe,
    ])
    .flatMap((probe) => probe?.httpGet?.path ?? [])
  expect(paths.length).toBe(3)
  for (const path of paths) expect((await fetch(`${nats.monitorUrl}${path}`)).status).toBe(200)

  const answer = await fetch(`${nats.monitorUrl}/jsz`)
  const { config } = (await answer.json()) as { config: { max_storage: number } }
  const wanted = streams.reduce((sum, { max_bytes = 0 }) => sum + max_bytes, 0)
  expect(config.max_storage).toBeGreaterThanOrEqual(wanted)
})
