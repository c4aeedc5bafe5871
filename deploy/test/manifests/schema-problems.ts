// Holds an object to the schema of its kind: twice, because the schemas, made from Kubernetes' OpenAPI, let pass a key that
// they do not know, while an API server warns at best and drops it.

import { unreadKeys } from './keys-read.ts'
import type { KubeObject } from './kube-object.ts'

interface Validate {
  (data: unknown): boolean
  errors?:
    | readonly { readonly instancePath: string; readonly keyword: string; readonly params: object }[]
    | null
}

/** What is wrong with an object by the schema of its kind, and which of its keys the schema does not know. */
export async function schemaProblems(object: KubeObject): Promise<readonly string[]> {
  const validate = await findSchema(object)
  let fits = false
  const unknown = unreadKeys(object, (watched) => {
    fits = validate(watched)
  })
  const misfits = fits
    ? []
    : (validate.errors ?? []).map(
        ({ instancePath, keyword, params }) => `${instancePath}: ${keyword} ${JSON.stringify(params)}`,
      )
  return [...misfits, ...unknown.map((path) => `${path}: unknown key`)]
}

async function findSchema({ apiVersion, kind }: KubeObject): Promise<Validate> {
  const [version = '', group = 'core'] = apiVersion.split('/').reverse()
  const name = ['io', 'k8s', 'api', group.split('.')[0] ?? '', version, kind].map(capital).join('')
  const file: { validate: Validate } = await import(`kubernetes-models/_schemas/${name}`)
  return file.validate
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
