// The manifests as they would be applied: each object fits its schema, and what one names, another one has.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { deployFolder } from '../places.ts'
import { secretName } from './environment.ts'
import {
  type Container,
  type KubeObject,
  type Selector,
  selects,
  servicesOf,
  workloadsOf,
} from './kube-object.ts'
import { render } from './render.ts'
import { schemaProblems } from './schema-problems.ts'

const kubernetes = join(deployFolder, 'kubernetes')

interface NetworkPolicy extends KubeObject {
  readonly spec: {
    readonly podSelector: Selector
    readonly ingress?: readonly {
      readonly from?: readonly { readonly podSelector?: Selector }[]
      readonly ports?: readonly { readonly port: string }[]
    }[]
  }
}

interface Ingress extends KubeObject {
  readonly spec: {
    readonly rules: readonly {
      readonly http: {
        readonly paths: readonly {
          readonly backend: { readonly service: { name: string; port: { name: string } } }
        }[]
      }
    }[]
  }
}

describe.each(['base', 'overlays/local', 'overlays/ha'])('%s', (folder) => {
  const objects = render(join(kubernetes, folder))
  const workloads = workloadsOf(objects)
  const named = (kind: string, name: string) =>
    objects.some((object) => object.kind === kind && object.metadata.name === name)
  const podsOf = (selector: Selector) =>
    workloads.filter(({ spec }) => selects(selector, spec.template.metadata.labels))
  const portsOf = (containers: readonly Container[]) => containers.flatMap(({ ports = [] }) => ports)

  test('every object fits the schema of its kind and has no key that the schema does not know', async () => {
    const problems = objects.map(async (object) =>
      (await schemaProblems(object)).map((problem) => `${object.kind} ${object.metadata.name} ${problem}`),
    )
    expect((await Promise.all(problems)).flat()).toEqual([])
  })

  test('no two objects of one kind have one name', () => {
    const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    expect(names).toEqual([...new Set(names)])
  })

  test('what runs pods runs those that it labels, and no other one does', () => {
    const selecting = workloads.filter(({ kind }) => kind !== 'Job')
    const selected = selecting.map(({ spec }) => podsOf({ matchLabels: spec.selector?.matchLabels ?? {} }))
    expect(selected).toEqual(selecting.map((workload) => [workload]))
  })

  test('every Service leads to pods, and to a port that they have', () => {
    const services = servicesOf(objects)
    const lost = services.flatMap(({ metadata, spec }) => {
      const pods = podsOf({ matchLabels: spec.selector })
      const has = (name: string | number) =>
        pods.length === 1 &&
        portsOf(pods[0]!.spec.template.spec.containers).some((port) => port.name === name)
      return spec.ports.filter(({ targetPort }) => !has(targetPort)).map(() => metadata.name)
    })
    expect(services.length).toBeGreaterThan(0)
    expect(lost).toEqual([])
  })

  test('a Service answers on the port that its pods listen on', () => {
    const elsewhere = servicesOf(objects).flatMap(({ metadata, spec }) => {
      const ports = podsOf({ matchLabels: spec.selector }).flatMap((pod) =>
        portsOf(pod.spec.template.spec.containers),
      )
      return spec.ports.filter(
        ({ port, targetPort }) => ports.find(({ name }) => name === targetPort)?.containerPort !== port,
      ).length > 0
        ? [metadata.name]
        : []
    })
    expect(elsewhere).toEqual([])
  })

  test('every disruption budget and every network policy is about pods that are there, and ports that they have', () => {
    const budgets = objects.filter(({ kind }) => kind === 'PodDisruptionBudget') as (KubeObject & {
      readonly spec: { readonly selector: Selector }
    })[]
    expect(budgets.map(({ spec }) => podsOf(spec.selector).length)).toEqual(budgets.map(() => 1))

    const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy') as NetworkPolicy[]
    expect(policies.length).toBeGreaterThan(0)
    for (const { spec } of policies) {
      const pods = podsOf(spec.podSelector)
      expect(pods).not.toEqual([])
      for (const { from = [], ports = [] } of spec.ingress ?? []) {
        const selectors = from.flatMap(({ podSelector }) => podSelector ?? [])
        expect(selectors.filter((selector) => podsOf(selector).length === 0)).toEqual([])
        for (const pod of pods) {
          const names = portsOf(pod.spec.template.spec.containers).map(({ name }) => name)
          expect(names).toEqual(expect.arrayContaining(ports.map(({ port }) => port)))
        }
      }
    }
  })

  test('every Ingress leads to a Service', () => {
    const ingresses = objects.filter(({ kind }) => kind === 'Ingress') as Ingress[]
    const backends = ingresses.flatMap(({ spec }) =>
      spec.rules.flatMap(({ http }) => http.paths.map(({ backend }) => backend.service)),
    )
    expect(backends.filter(({ name }) => !named('Service', name))).toEqual([])
    expect(backends.length).toBe(folder === 'overlays/ha' ? 2 : 0)
  })

  test('accounts and files that pods name are there', () => {
    const specs = workloads.map(({ spec }) => spec.template.spec)
    const accounts = specs.flatMap(({ serviceAccountName }) => serviceAccountName ?? [])
    expect(accounts.filter((name) => !named('ServiceAccount', name))).toEqual([])
    const files = specs.flatMap(({ volumes = [] }) =>
      volumes.flatMap(({ configMap }) => configMap?.name ?? []),
    )
    expect(files).toEqual(['strait-nats'])
    expect(files.filter((name) => !named('ConfigMap', name))).toEqual([])
  })

  test('all secrets come from one Secret, and every key that must be there is told of', () => {
    const refs = workloads.flatMap(({ spec }) =>
      spec.template.spec.containers.flatMap(({ env = [] }) =>
        env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef ?? []),
      ),
    )
    expect(refs.filter(({ name }) => name !== secretName)).toEqual([])
    const needed = [...new Set(refs.filter(({ optional }) => optional !== true).map(({ key }) => key))]
    const secret = objects.find(({ kind }) => kind === 'Secret') as
      | (KubeObject & { data: object })
      | undefined
    if (secret === undefined) {
      const page = readFileSync(join(deployFolder, '..', 'docs', 'deploy.md'), 'utf8')
      expect(needed.filter((key) => !page.includes(`\`${key}\``))).toEqual([])
    } else expect(Object.keys(secret.data).toSorted()).toEqual(needed.toSorted())
  })
})

test('only the overlay that is for a try makes a Secret, and no secret has a value here', () => {
  const example = readFileSync(join(kubernetes, 'overlays/local/secrets.env.example'), 'utf8')
  const values = example
    .split('\n')
    .filter((line) => /^[A-Z_]+=./.test(line) && !line.includes('<POSTGRES_PASSWORD>'))
  expect(values).toEqual([])
  const withSecret = ['base', 'overlays/ha'].filter((folder) =>
    render(join(kubernetes, folder)).some(({ kind }) => kind === 'Secret'),
  )
  expect(withSecret).toEqual([])
})
