// What is given in confidence, and how. A new kind of secret is one more entry of `kinds`: the canary test looks for it everywhere.

import { aJob } from './app-bundle.ts'
import type { startCatalog } from './spawned-catalog.ts'

export type Ask = Awaited<ReturnType<typeof startCatalog>>['ask']

/** What questions are filled with: values by the names of fields. */
export type Known = Record<string, string | readonly string[]>

export interface Kind {
  readonly kind: string
  /** The methods whose purpose is to give it, to whoever may have it. */
  readonly givenBy: readonly string[]
  /** Stores it, and answers the secrets and what questions can now be filled with. */
  plant(ask: Ask): Promise<{ readonly secrets: readonly string[]; readonly known: Known }>
}

const canary = (name: string) =>
  `whsec_${Buffer.from(`canary-of-${name}-canary-canary-1`).toString('base64')}`

/** Every kind of secret. */
export const kinds: readonly Kind[] = [
  {
    kind: 'webhook secret of a job',
    givenBy: ['CatalogInternalService/GetWebhookSecrets'],
    async plant(ask) {
      const webhookSecret = canary('job')
      const job = { ...aJob, slug: 'canary', webhookUrl: 'https://example.com/told', webhookSecret }
      const { id, versionId } = (await made(ask, 'JobService/CreateJob', { job })).job
      return {
        secrets: [webhookSecret],
        known: { job: id, job_id: id, job_ids: [id], ids: [id], version: versionId },
      }
    },
  },
  {
    kind: 'tokens of API keys',
    givenBy: [],
    async plant(ask) {
      const apiKey = { name: 'canary', scopes: ['admin'] }
      const { apiKey: key, token } = await made(ask, 'ApiKeyService/CreateApiKey', { apiKey })
      const rotated = await made(ask, 'ApiKeyService/RotateApiKey', { key: key.id })
      const tokens: readonly string[] = [token, rotated.token]
      // An id and a name of the key are no secrets: what follows the second underscore is.
      const secrets = tokens.map((each) => each.split('_')[2] ?? '')
      return { secrets, known: { key: key.id, keys: tokens } }
    },
  },
  {
    kind: 'variables of an environment',
    givenBy: ['CatalogInternalService/GetEnvironmentValues'],
    async plant(ask) {
      const [plain, forOneJob] = [canary('variable'), canary('override')]
      const jobOverrides = { canary: { variables: { TOKEN: forOneJob } } }
      const environment = { name: 'Canary', variables: { TOKEN: plain }, jobOverrides }
      const { id } = (await made(ask, 'EnvironmentService/CreateEnvironment', { environment })).environment
      return { secrets: [plain, forOneJob], known: { environment: id, ids: [id] } }
    },
  },
]

// Changes that a question filled in by names alone cannot make.
export const changes: readonly (readonly [method: string, body: (known: Known) => object])[] = [
  [
    'EnvironmentService/UpdateEnvironment',
    ({ environment }) => ({
      environment,
      patch: { variables: { TOKEN: canary('variable'), MORE: canary('override') } },
      updateMask: 'variables',
    }),
  ],
  [
    'EnvironmentService/SetEnvironmentVariables',
    ({ environment }) => ({ environment, set: { 'no name': canary('variable') } }),
  ],
  [
    'EnvironmentService/SetEnvironmentVariables',
    ({ environment }) => ({ environment, set: { ENDPOINT_URL: canary('override') } }),
  ],
  ['ApiKeyService/UpdateApiKey', ({ key }) => ({ key, apiKey: { name: 'new' }, updateMask: 'name' })],
  ['JobService/CreateJob', () => ({ job: { ...aJob, webhookSecret: canary('job') }, validateOnly: true })],
  ['JobService/CreateJob', () => ({ job: { ...aJob, slug: 'canary', webhookSecret: canary('job') } })],
  [
    'JobService/CreateJob',
    () => ({ job: { ...aJob, endpointUrl: 'nowhere', webhookSecret: canary('job') } }),
  ],
]

/** Asks for what must succeed. */
export async function made(ask: Ask, method: string, body: object) {
  const { status, text } = await ask(method, body)
  if (status !== 200) throw new Error(`${method}: ${text}`)
  return JSON.parse(text)
}

/** A secret as it stands, as Postgres shows bytes, as JSON carries them, and what is inside of a webhook secret. */
export function disguisesOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret)
  const inner = secret.startsWith('whsec_') ? [Buffer.from(secret.slice(6), 'base64')] : []
  return [
    secret,
    ...[bytes, ...inner].flatMap((each) => [each.toString('hex'), each.toString('base64'), each.toString()]),
  ]
}
