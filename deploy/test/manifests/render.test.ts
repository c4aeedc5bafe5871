import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { mergePatch } from './merge-patch.ts'
import { render } from './render.ts'

const pod = (name: string) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, labels: { app: ${name} } }
spec:
  template:
    spec:
      containers: [{ name: it, image: 'it:dev', args: [a, b] }]
`

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'strait-render-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

test('resources, patches, images, a namespace and what is generated come together', () => {
  const folder = folderWith({
    'base/kustomization.yaml':
      'resources: [a.yaml, b.yaml]\nconfigMapGenerator: [{ name: conf, files: [x.conf] }]\n',
    'base/a.yaml': pod('a'),
    'base/b.yaml': pod('b'),
    'base/x.conf': 'x = 1\n',
    'over/kustomization.yaml': `
namespace: there
resources: [../base]
patches: [{ path: patch.yaml, target: { kind: Deployment, labelSelector: app=a } }]
images: [{ name: it, newName: r.example/it, newTag: '2' }]
secretGenerator: [{ name: keys, envs: [keys.env] }]
`,
    'over/patch.yaml':
      'metadata: { name: any }\nspec: { template: { spec: { containers: [{ name: it, args: [c] }] } } }\n',
    'over/keys.env.example': '# said\nKEY=a=b\n',
  })
  const deployment = (name: string, args: readonly string[]) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels: { app: name }, namespace: 'there' },
    spec: { template: { spec: { containers: [{ name: 'it', image: 'r.example/it:2', args }] } } },
  })
  expect(render(join(folder, 'over'))).toEqual([
    deployment('a', ['c']),
    deployment('b', ['a', 'b']),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'conf', namespace: 'there' },
      data: { 'x.conf': 'x = 1\n' },
    },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'Opaque',
      metadata: { name: 'keys', namespace: 'there' },
      data: { KEY: Buffer.from('a=b').toString('base64') },
    },
  ])
})

test.each([
  ['a resource that is not there', 'resources: [c.yaml]\n', 'ENOENT'],
  ['a word that it does not know', 'resources: [a.yaml]\nnamePrefix: x-\n', 'namePrefix is not known'],
  [
    'a patch that is not there',
    'resources: [a.yaml]\npatches: [{ path: p.yaml, target: { kind: Deployment } }]\n',
    'ENOENT',
  ],
  [
    'a patch that meets nothing',
    'resources: [a.yaml]\npatches: [{ path: a.yaml, target: { kind: Job } }]\n',
    'patches nothing',
  ],
  [
    'an image that nothing runs',
    'resources: [a.yaml]\nimages: [{ name: other, newTag: x }]\n',
    'no container runs other',
  ],
])('%s is an error', (_, kustomization, problem) => {
  const folder = folderWith({ 'kustomization.yaml': kustomization, 'a.yaml': pod('a') })
  expect(() => render(folder)).toThrow(problem)
})

test('a patch lays maps over maps and items over items of their name; other lists it replaces, null removes', () => {
  const env = [
    { name: 'A', value: '1' },
    { name: 'B', value: '2' },
  ]
  expect(
    mergePatch(
      { a: { b: 1, c: 2 }, env, args: [1, 2], d: 3 },
      { a: { c: 4 }, env: [{ name: 'B', value: '3' }, { name: 'C' }], args: [3], d: null },
    ),
  ).toEqual({
    a: { b: 1, c: 4 },
    env: [{ name: 'C' }, { name: 'A', value: '1' }, { name: 'B', value: '3' }],
    args: [3],
  })
})
