// What other services get of environments: values, merged along the line.

import { randomBytes } from 'node:crypto'
import { newUuidv7 } from '@strait/domain/ids'
import { resolveCall } from '@strait/domain/resolve-call'
import { createPool } from '@strait/postgres/pool'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { noVariables } from '../src/domain/environments/variables.ts'
import { readMasterKey } from '../src/master-key.ts'
import { createCatalogDb } from '../src/store/database.ts'
import { findEnvironmentValues } from '../src/store/environments/find-environment-values.ts'
import { SealError } from '../src/store/secrets/secret-box.ts'
import { type EnvironmentBundle, openEnvironments } from './environment-bundle.ts'
import { refusalOf } from './refusal.ts'

let app: EnvironmentBundle
beforeAll(async () => {
  app = await openEnvironments()
})
afterAll(() => app[Symbol.asyncDispose]())

test('a child has the values of its line, its own before those above, and so for each job', async () => {
  const root = await app.make({
    name: 'Root',
    variables: { A: 'root', B: 'root', C: 'root' },
    jobOverrides: { job: { variables: { X: 'root', Y: 'root' } }, only: { variables: { Z: 'root' } } },
  })
  const middle = await app.make({
    name: 'Middle',
    parentId: root.id,
    variables: { B: 'middle', C: 'middle' },
    jobOverrides: { job: { variables: { Y: 'middle' } } },
  })
  const leaf = await app.make({ name: 'Leaf', parentId: middle.id, variables: { C: 'leaf' } })
  expect(await app.values(leaf.id)).toEqual({
    revision: `${leaf.id}:1,${middle.id}:1,${root.id}:1`,
    variables: { A: 'root', B: 'middle', C: 'leaf' },
    jobOverrides: { job: { X: 'root', Y: 'middle' }, only: { Z: 'root' } },
  })
  await app.update(root.id, { variables: { A: 'new' } })
  expect(await app.values(leaf.id)).toMatchObject({
    revision: `${leaf.id}:1,${middle.id}:1,${root.id}:2`,
    variables: { A: 'new', B: 'middle', C: 'leaf' },
  })
  await app.update(middle.id, {}, ['parent_id'])
  expect(await app.values(leaf.id)).toEqual({
    revision: `${leaf.id}:1,${middle.id}:2`,
    variables: { B: 'middle', C: 'leaf' },
    jobOverrides: { job: { Y: 'middle' } },
  })
})

test('one definition of a job calls another receiver in each environment, and in none its own URL by mistake', async () => {
  const base = await app.make({ name: 'Both', variables: { TENANT: 'acme', TIMEOUT_SECS: '20' } })
  const inherits = { parentId: base.id }
  const staging = await app.make({
    ...inherits,
    name: 'One',
    variables: { ENDPOINT_URL: 'https://staging.example.com/{{TENANT}}' },
  })
  const production = await app.make({
    ...inherits,
    name: 'Two',
    variables: { ENDPOINT_BASE_URL: 'https://live.example.com', TIMEOUT_SECS: '30' },
    jobOverrides: { 'the-job': { variables: { TENANT: 'umbrella' } } },
  })
  const version = {
    endpointUrl: 'https://own.example.com/{{TENANT}}/hook',
    fallbackEndpointUrl: undefined,
    webhookUrl: undefined,
    timeoutSecs: 300,
    maxAttempts: 3,
  }
  const calls = async (id: string) => {
    const { variables, jobOverrides } = await app.values(id)
    const overrides = Object.entries(jobOverrides)
    const layer = {
      variables: new Map(Object.entries(variables)),
      jobOverrides: new Map(overrides.map(([slug, own]) => [slug, new Map(Object.entries(own))])),
    }
    const urlProblem = () => undefined
    const resolved = resolveCall({ line: [layer], jobSlug: 'the-job', version, urlProblem })
    return resolved.ok
      ? `${resolved.call.endpoint.url} ${resolved.call.timeoutSecs}`
      : resolved.problems.map(({ reason }) => reason)
  }
  expect(await calls(staging.id)).toBe('https://staging.example.com/acme 20')
  expect(await calls(production.id)).toBe('https://live.example.com/umbrella/hook 30')
  await app.update(base.id, { variables: { TENANT: 'initech' } })
  expect(await calls(staging.id)).toBe('https://staging.example.com/initech 300')
  await app.update(base.id, {}, ['variables'])
  expect(await calls(staging.id)).toEqual(['{{ENDPOINT_URL}}: {{TENANT}} has no value'])
})

test('a batch of any projects is answered in the order of the question, by one statement', async () => {
  const { environment: theirs } = await app.theirs.createEnvironment({
    environment: { name: 'Theirs', variables: { A: 'theirs' } },
  })
  const mine = await app.make({ name: 'Mine', variables: { A: 'mine' } })
  const nobody = newUuidv7()
  const ids = [mine.id, 'nonsense', theirs!.id, nobody, mine.id.toUpperCase(), mine.id]
  const { environments } = await app.internal.getEnvironmentValues({ ids })
  expect(environments.map(({ found, variables }) => [found, variables.A])).toEqual([
    [true, 'mine'],
    [false, undefined],
    [true, 'theirs'],
    [false, undefined],
    [true, 'mine'],
    [true, 'mine'],
  ])
  const pool = createPool({
    url: app.store.database.url,
    role: 'catalog',
    max: 1,
    name: 'statements',
    onError: () => undefined,
  })
  const statements: string[] = []
  const db = createCatalogDb(pool)
  const spied = db.withPlugin({
    transformQuery: ({ node }) => {
      statements.push(node.kind)
      return node
    },
    transformResult: async ({ result }) => result,
  })
  onTestFinished(() => db.destroy())
  await findEnvironmentValues(spied, readMasterKey(app.store.masterKey), ids)
  expect(statements).toHaveLength(1)
  expect((await app.internal.getEnvironmentValues({})).environments).toEqual([])
  const many = Array.from({ length: 101 }, () => nobody)
  expect((await app.internal.getEnvironmentValues({ ids: many.slice(1) })).environments).toHaveLength(100)
  expect(await refusalOf(app.internal.getEnvironmentValues({ ids: many }))).toMatchObject({ fields: ['ids'] })
})

test('values that do not open fail the question: nobody is told that there are none', async () => {
  const made = await app.make({ name: 'Broken', variables: { A: 'x' } })
  const { db, masterKey } = app.store
  const ask = (key: string) => findEnvironmentValues(db, readMasterKey(key), [made.id])
  await expect(ask(randomBytes(32).toString('base64'))).rejects.toThrow(SealError)
  const [values] = await ask(masterKey)
  expect(values?.merged.variables).toEqual(new Map([['A', 'x']]))
  const other = await app.make({ name: 'Moved to' })
  // Sealed for one environment, variables do not open for another.
  await sql`
    update environments set sealed_variables = (select sealed_variables from environments where id = ${made.id})
    where id = ${other.id}
  `.execute(db)
  const asked = app.internal.getEnvironmentValues({ ids: [other.id] })
  expect(await refusalOf(asked)).toMatchObject({ reason: 'INTERNAL' })
})

test('a question whose answer would be too large is refused, and a smaller one answered', async () => {
  const large = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`V${i}`, 'x'.repeat(8_192)]))
  const ids: string[] = []
  for (let i = 0; i < 10; i++) {
    const parentId = ids.at(-1)
    ids.push((await app.make({ name: `Large ${i}`, variables: large, ...(parentId && { parentId }) })).id)
  }
  const leaf = ids.at(-1) ?? ''
  expect(Object.keys((await app.values(leaf)).variables)).toHaveLength(200)
  const [one, two] = [ids[8] ?? '', ids[9] ?? '']
  const both = app.internal.getEnvironmentValues({ ids: [one, two, ids[7] ?? ''] })
  expect(await refusalOf(both)).toMatchObject({ reason: 'OVERLOADED' })
})

test('variables that are too many bytes together are refused, however they come together', async () => {
  const half = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`V${i}`, 'x'.repeat(8_000)]))
  const made = await app.make({ name: 'Heavy', variables: half })
  const more = { jobOverrides: { job: { variables: half } } }
  const fieldsOf = async (call: Promise<unknown>) => (await refusalOf(call)).fields
  expect(await fieldsOf(app.update(made.id, more))).toEqual(['patch.variables'])
  const set = app.environments.setEnvironmentVariables({ environment: made.id, job: 'job', set: half })
  expect(await fieldsOf(set)).toEqual(['set'])
  const whole = { environment: { name: 'x', variables: half, ...more } }
  expect(await fieldsOf(app.environments.createEnvironment(whole))).toEqual(['environment.variables'])
  expect(noVariables.variables.size).toBe(0)
})
