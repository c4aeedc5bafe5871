// Values of variables go in, and out to other services alone.

import { settled } from '@strait/testkit/settled'
import { expect, test } from 'vitest'
import { aStore, dump, startCatalog } from './spawned-catalog.ts'

const canary = 'canary-Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5LTE'
// As it stands, as Postgres shows bytes, and as JSON carries them.
const disguises = [canary, Buffer.from(canary).toString('hex'), Buffer.from(canary).toString('base64')]

function expectNoCanaryIn(text: string): void {
  for (const disguise of disguises) expect(text.toLowerCase()).not.toContain(disguise.toLowerCase())
}

test('a value is in no table, no line of the log, no audit entry and no answer but the one that gives it', async () => {
  const store = await aStore()
  const { catalog, ask } = await startCatalog(store)
  const variables = { TOKEN: canary, ENDPOINT_URL: `https://example.com/${canary}` }
  const given = { variables, jobOverrides: { job: { variables: { OTHER: canary } } } }
  const of = { environment: 'canary' }
  const updateMask = 'variables,jobOverrides'
  const answers = [
    await ask('EnvironmentService/CreateEnvironment', { environment: { name: 'Canary', ...given } }),
    await ask('EnvironmentService/CreateEnvironment', {
      environment: { name: 'Checked', ...given },
      validateOnly: true,
    }),
    await ask('EnvironmentService/UpdateEnvironment', {
      ...of,
      patch: { variables: { ...variables, MORE: canary } },
      updateMask,
    }),
    await ask('EnvironmentService/SetEnvironmentVariables', { ...of, set: { TOKEN: `${canary}2` } }),
    await ask('EnvironmentService/SetEnvironmentVariables', { ...of, job: 'job', set: { A: canary } }),
    await ask('EnvironmentService/GetEnvironment', of),
    await ask('EnvironmentService/ListEnvironments', {}),
    await ask('EnvironmentService/ListEnvironmentVariables', { ...of, job: 'job' }),
  ]
  await settled(store.database.url)
  for (const answer of answers) {
    expect(answer).toMatchObject({ status: 200, text: expect.stringContaining('TOKEN') })
    expectNoCanaryIn(answer.text)
  }
  const { id } = JSON.parse(answers[0]?.text ?? '').environment
  const values = await ask('CatalogInternalService/GetEnvironmentValues', { ids: [id] })
  expect(JSON.parse(values.text).environments[0]).toMatchObject({ variables: { TOKEN: `${canary}2` } })

  const everything = await dump(store)
  expect(everything).toMatch(/^environments .*TOKEN/m)
  expect(everything).toMatch(/^audit_events .*environment\.updated.*changed_variables.*job\.A/m)
  expectNoCanaryIn(everything)
  expect(await catalog.stop()).toBe(0)
  expect(catalog.output()).toContain(id)
  expectNoCanaryIn(catalog.output())
})

test('a value that is refused is repeated neither to the caller nor to the log', async () => {
  const store = await aStore()
  const { catalog, ask } = await startCatalog(store)
  const create = (variables: unknown) =>
    ask('EnvironmentService/CreateEnvironment', { environment: { name: 'Canary', variables } })
  const refused = [
    await create({ TOKEN: `${canary}\0` }),
    await create({ TOKEN: canary.repeat(200) }),
    await create({ TOKEN: [canary] }),
    await create(canary),
    await create({ TIMEOUT_SECS: canary }),
    await create({ MAX_ATTEMPTS: canary }),
    await create({ ENDPOINT_URL: canary }),
    await create({ ENDPOINT_URL: `https://${canary}@example.com/` }),
    await create({ ENDPOINT_URL: `https://${canary}..example.com/` }),
    await create({ WEBHOOK_URL: `https://-${canary}-.example.com/` }),
    await create({ WEBHOOK_URL: `https://${canary}.localhost/{{}` }),
    await create({ FALLBACK_ENDPOINT_URL: `https://example.com/#${canary}` }),
    await create({ ENDPOINT_BASE_URL: `https://example.com/${canary}` }),
    await create({ ENDPOINT_BASE_URL: `https://${canary}.-` }),
    await ask('EnvironmentService/SetEnvironmentVariables', {
      environment: 'staging',
      set: { TIMEOUT_SECS: canary },
    }),
    await ask('EnvironmentService/SetEnvironmentVariables', { environment: 'staging', set: canary }),
    await ask('EnvironmentService/CreateEnvironment', `{"environment":{"variables":{"A":"${canary}" 1`),
  ]
  for (const { status, text } of refused) {
    expect(status).toBe(400)
    expectNoCanaryIn(text)
  }
  // Parts of a URL are a value too: neither the host nor the address in it is told.
  for (const url of ['https://10.77.66.55/x', 'https://0x0a.77.66.55/', 'http://metadata.goog/']) {
    const { status, text } = await create({ ENDPOINT_URL: url })
    expect(status).toBe(400)
    expect(text).not.toMatch(/77\.66|0x0a|metadata\.goog/)
  }
  expect(await catalog.stop()).toBe(0)
  expectNoCanaryIn(catalog.output())
})
