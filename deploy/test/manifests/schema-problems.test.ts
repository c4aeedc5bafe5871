import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { readObjects } from './render.ts'
import { schemaProblems } from './schema-problems.ts'

const sound = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: sound
  labels: { any.name/at-all: is a label }
spec:
  replicas: 2
  strategy: { type: RollingUpdate }
  selector: { matchLabels: { a: b } }
  template:
    metadata: { labels: { a: b } }
    spec:
      containers:
        - name: it
          image: it:1
          ports: [{ name: rpc, containerPort: 8081 }]
          readinessProbe: { httpGet: { path: /readyz, port: ops }, periodSeconds: 2 }
          resources: { limits: { memory: 1Gi } }
`

test('an object that fits has no problem', async () => {
  expect(await schemaProblems(parse(sound))).toEqual([])
})

test.each([
  ['a misspelt key', 'image: it:1', 'imag: it:1', '/spec/template/spec/containers/0/imag: unknown key'],
  ['a misspelt key far down', 'periodSeconds', 'periodSecs', /readinessProbe\/periodSecs: unknown key/],
  ['a misspelt key at the top', 'spec:\n  replicas', 'specs:\n  replicas', '/specs: unknown key'],
  ['a key in the wrong place', 'replicas: 2', 'replicas: 2\n  image: it:1', '/spec/image: unknown key'],
  ['a wrong type', 'replicas: 2', "replicas: '2'", '/spec/replicas: type {"type":"integer"}'],
  ['a wrong type in a list', '8081', 'rpc', /ports\/0\/containerPort: type/],
  ['a word that is not one of the words', 'RollingUpdate', 'Rolling', /strategy\/type: enum/],
  ['a missing key', 'name: rpc, containerPort: 8081', 'name: rpc', /ports\/0: required/],
])('%s is found', async (_, right, wrong, problem) => {
  const problems = await schemaProblems(parse(sound.replace(right, wrong)))
  expect(
    problems.filter((text) => (problem instanceof RegExp ? problem.test(text) : problem === text)),
  ).toHaveLength(1)
})

test('a kind without a schema is an error', async () => {
  await expect(schemaProblems(parse(sound.replace('kind: Deployment', 'kind: Deploiment')))).rejects.toThrow()
})

test('a key that stands twice is an error', () => {
  expect(() => readObjects(sound.replace('replicas: 2', 'replicas: 2\n  replicas: 3'))).toThrow(
    'Map keys must be unique',
  )
})
