// The manifests against the services: what they would find in their environment, where they listen, how they are asked
// whether they are well, and how long they may take to stop.

import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { deployFolder } from '../places.ts'
import { addressesIn, readServices } from '../services.ts'
import { environmentOf } from './environment.ts'
import { servicesOf, workloadsOf } from './kube-object.ts'
import { render } from './render.ts'

const services = await readServices()

describe.each(['base', 'overlays/local', 'overlays/ha'])('%s', (folder) => {
  const objects = render(join(deployFolder, 'kubernetes', folder))
  const workloads = workloadsOf(objects)
  const deployments = workloads.filter(({ kind }) => kind === 'Deployment')
  const find = (name: string) => {
    const found = deployments.find(({ metadata }) => metadata.name === `strait-${name}`)
    if (found === undefined) throw new Error(`${name} has no Deployment`)
    return found.spec
  }
  const containerOf = (name: string) => find(name).template.spec.containers[0]!

  test('there is a Deployment for each service, and none for anything else', () => {
    const names = deployments.map(({ metadata }) => metadata.name)
    const wanted = new Set([...services.map(({ name }) => name), 'gateway'])
    expect(names.toSorted()).toEqual([...wanted].map((name) => `strait-${name}`).toSorted())
  })

  test.each(services)(
    '$name finds all that it needs in its environment and nothing it does not know',
    (service) => {
      expect(service.problemsOf(environmentOf(containerOf(service.name)))).toEqual([])
    },
  )

  test.each(services)('$name is told where its peers are', ({ name, peerAddresses }) => {
    expect(peerAddresses).not.toEqual([])
    expect(Object.keys(environmentOf(containerOf(name)))).toEqual(expect.arrayContaining([...peerAddresses]))
  })

  test('no container is told anything twice: which one counts would be the order of a list', () => {
    for (const { spec } of workloads)
      for (const { env = [] } of spec.template.spec.containers) {
        const names = env.map(({ name }) => name)
        expect(names).toEqual([...new Set(names)])
      }
  })

  test.each(services)('the container of $name has the ports on which it listens', (service) => {
    const { port, opsPort } = service.read(environmentOf(containerOf(service.name)))
    expect(containerOf(service.name).ports).toEqual([
      { name: 'rpc', containerPort: port },
      { name: 'ops', containerPort: opsPort },
    ])
    expect(find(service.name).template.metadata.annotations?.['prometheus.io/port']).toBe(String(opsPort))
  })

  test.each(services)('$name has time to stop before it is killed', (service) => {
    const { hardStopSecs, drainSecs = 0 } = service.read(environmentOf(containerOf(service.name)))
    const { lifecycle } = containerOf(service.name)
    const [program, secs] = lifecycle?.preStop?.exec?.command ?? []
    expect(program).toBe('sleep')
    expect(find(service.name).template.spec.terminationGracePeriodSeconds).toBeGreaterThan(
      Number(secs) + hardStopSecs,
    )
    expect(hardStopSecs).toBeGreaterThan(drainSecs)
  })

  test('addresses that containers are given are Services with that port', () => {
    const served = servicesOf(objects).flatMap(({ metadata, spec }) =>
      spec.ports.map(({ port }) => ({ host: metadata.name, port })),
    )
    const given = workloads.flatMap(({ spec }) =>
      spec.template.spec.containers.flatMap((container) => addressesIn(environmentOf(container))),
    )
    const elsewhere = given.filter(
      ({ host, port }) =>
        host !== 'postgres' && !served.some((one) => one.host === host && one.port === port),
    )
    expect(given.length).toBeGreaterThan(services.length)
    expect(elsewhere).toEqual([])
  })

  test('every container is asked for its health where every service answers', () => {
    for (const { spec } of deployments) {
      const { startupProbe, livenessProbe, readinessProbe } = spec.template.spec.containers[0]!
      const asked = [startupProbe, livenessProbe, readinessProbe].map((probe) => probe?.httpGet)
      expect(asked).toEqual([
        { path: '/livez', port: 'ops' },
        { path: '/livez', port: 'ops' },
        { path: '/readyz', port: 'ops' },
      ])
    }
  })

  test('nothing of ours runs with more rights than it needs', () => {
    const ours = workloads.filter(({ metadata }) => metadata.name.startsWith('strait-'))
    expect(ours.length).toBe(deployments.length + 2)
    for (const { spec } of ours) {
      expect(spec.template.spec).toMatchObject({
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      })
      expect(spec.template.spec.containers.map(({ securityContext }) => securityContext)).toEqual([
        { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
      ])
    }
  })

  test('images are named after what is in them, and all of ours have one version', () => {
    const ours = workloads.filter(
      ({ metadata }) => metadata.name.startsWith('strait-') && metadata.name !== 'strait-nats',
    )
    const images = ours.map(({ spec }) => spec.template.spec.containers[0]!.image)
    const names = images.map((image) => image.split(':')[0]?.split('/').at(-1))
    expect(names).toEqual(ours.map(({ metadata }) => metadata.name))
    expect(new Set(images.map((image) => image.split(':')[1])).size).toBe(1)
  })

  test('replicas: one to try, two as a rule, three across zones', () => {
    const wanted = { base: 2, 'overlays/local': 1, 'overlays/ha': 3 }[folder]
    expect(new Set(deployments.map(({ spec }) => spec.replicas))).toEqual(new Set([wanted]))
  })
})
