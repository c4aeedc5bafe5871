// Renders a kustomization, as far as ours go: what it does not know is an error, so that nothing is used that was not looked
// at. Names of what is generated keep no hash, which changes nothing of what is checked here. A file of secrets that is not
// committed is taken from its example.

import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import type { Container, KubeObject, Workload } from './kube-object.ts'
import { workloadsOf } from './kube-object.ts'
import { mergePatch } from './merge-patch.ts'

interface Patch {
  readonly path: string
  readonly target: { readonly kind: string; readonly labelSelector?: string }
}

interface Image {
  readonly name: string
  readonly newName?: string
  readonly newTag?: string
}

interface Kustomization {
  readonly namespace?: string
  readonly resources: readonly string[]
  readonly patches?: readonly Patch[]
  readonly images?: readonly Image[]
  readonly configMapGenerator?: readonly { readonly name: string; readonly files: readonly string[] }[]
  readonly secretGenerator?: readonly { readonly name: string; readonly envs: readonly string[] }[]
}

const known: Readonly<Record<string, readonly string[]>> = {
  kustomization: [
    'apiVersion',
    'kind',
    'namespace',
    'resources',
    'patches',
    'images',
    'configMapGenerator',
    'secretGenerator',
  ],
  patches: ['path', 'target'],
  target: ['kind', 'labelSelector'],
  images: ['name', 'newName', 'newTag'],
  configMapGenerator: ['name', 'files'],
  secretGenerator: ['name', 'envs'],
}

/** Every object that a kustomization makes. */
export function render(folder: string): readonly KubeObject[] {
  const file: Kustomization = parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8'))
  refuseUnknown(file, 'kustomization')
  const generated = [...(file.configMapGenerator ?? []).map((one) => configMap(folder, one))]
  const secrets = (file.secretGenerator ?? []).map((one) => secret(folder, one))
  const made = [...file.resources.flatMap((name) => resource(folder, name)), ...generated, ...secrets]
  const patched = (file.patches ?? []).reduce((objects, patch) => applyPatch(folder, objects, patch), made)
  const pulled = (file.images ?? []).reduce(applyImage, patched)
  return file.namespace === undefined
    ? pulled
    : pulled.map((object) => inNamespace(object, file.namespace ?? ''))
}

/** The objects of one file. */
export function readObjects(text: string): readonly KubeObject[] {
  return parseAllDocuments(text, { strict: true }).map((document) => {
    if (document.errors.length > 0) throw document.errors[0]
    return document.toJS() as KubeObject
  })
}

function resource(folder: string, name: string): readonly KubeObject[] {
  const path = join(folder, name)
  return statSync(path).isDirectory() ? render(path) : readObjects(readFileSync(path, 'utf8'))
}

function applyPatch(folder: string, objects: readonly KubeObject[], { path, target }: Patch) {
  const { metadata: _, ...patch } = parse(readFileSync(join(folder, path), 'utf8')) as KubeObject
  const [key = '', value] = target.labelSelector?.split('=') ?? []
  const isMeant = ({ kind, metadata }: KubeObject) =>
    kind === target.kind && (key === '' || metadata.labels?.[key] === value)
  if (!objects.some(isMeant)) throw new Error(`${path} patches nothing`)
  return objects.map((object) => (isMeant(object) ? (mergePatch(object, patch) as KubeObject) : object))
}

function applyImage(objects: readonly KubeObject[], { name, newName = name, newTag }: Image) {
  const change = (container: Container) => {
    const [image, tag] = container.image.split(':')
    return image === name ? { ...container, image: `${newName}:${newTag ?? tag}` } : container
  }
  const changed = workloadsOf(objects).map((workload) => withContainers(workload, change))
  if (changed.every((workload) => objects.includes(workload))) throw new Error(`no container runs ${name}`)
  const byName = new Map(changed.map((workload) => [`${workload.kind} ${workload.metadata.name}`, workload]))
  return objects.map((object) => byName.get(`${object.kind} ${object.metadata.name}`) ?? object)
}

function withContainers(workload: Workload, change: (container: Container) => Container): Workload {
  const { spec } = workload
  const containers = spec.template.spec.containers.map(change)
  if (containers.every((container) => spec.template.spec.containers.includes(container))) return workload
  const template = { ...spec.template, spec: { ...spec.template.spec, containers } }
  return { ...workload, spec: { ...spec, template } }
}

function inNamespace(object: KubeObject, namespace: string): KubeObject {
  return object.kind === 'Namespace' ? object : { ...object, metadata: { ...object.metadata, namespace } }
}

function configMap(folder: string, { name, files }: { name: string; files: readonly string[] }) {
  const data = Object.fromEntries(
    files.map((file) => [basename(file), readFileSync(join(folder, file), 'utf8')]),
  )
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data }
}

function secret(folder: string, { name, envs }: { name: string; envs: readonly string[] }) {
  const lines = envs.flatMap((file) => {
    const path = join(folder, file)
    return readFileSync(existsSync(path) ? path : `${path}.example`, 'utf8').split('\n')
  })
  const entries = lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => /^([^=]+)=(.*)$/.exec(line) ?? [])
    .map(([, key = '', value = '']) => [key, Buffer.from(value).toString('base64')])
  const data = Object.fromEntries(entries) as Readonly<Record<string, string>>
  return { apiVersion: 'v1', kind: 'Secret', type: 'Opaque', metadata: { name }, data }
}

function refuseUnknown(value: unknown, name: string): void {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value]
  for (const item of items) {
    if (typeof item !== 'object' || item === null) continue
    for (const [key, below] of Object.entries(item)) {
      if (known[name] !== undefined && !known[name].includes(key))
        throw new Error(`${name}: ${key} is not known`)
      refuseUnknown(below, key)
    }
  }
}
