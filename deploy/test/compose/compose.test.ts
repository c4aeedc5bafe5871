// The compose file: it fits the schema of the Compose Specification, its containers find what their services read, and it
// gives no secret away.

import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Ajv, type AnySchemaObject } from 'ajv'
import { describe, expect, test } from 'vitest'
import { deployFolder } from '../places.ts'
import { addressesIn, readServices, sampleSecrets } from '../services.ts'
import { composeText, readCompose, variablesOf } from './read-compose.ts'

const services = await readServices()
const compose = readCompose(sampleSecrets)
const environmentOf = (name: string) => compose.services[name]?.environment ?? {}

describe('the schema of the Compose Specification', () => {
  const folder = dirname(createRequire(import.meta.url).resolve('dclint/package.json'))
  const text = readFileSync(join(folder, 'schemas', 'compose.schema.json'), 'utf8')
  const { $schema: _, ...schema } = JSON.parse(text) as AnySchemaObject
  const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(schema)

  test('has nothing to say about the file', () => {
    validate(compose)
    expect(validate.errors ?? []).toEqual([])
  })

  test.each([
    ['a misspelt key', 'image: postgres:18.4', 'imag: postgres:18.4'],
    ['a misspelt key of a health check', 'start_interval', 'start_intervall'],
    ['a wrong type', 'read_only: true', 'read_only: [true]'],
    ['a word that is not one of the words', 'service_completed_successfully', 'service_completed'],
  ])('finds %s', (_, right, wrong) => {
    expect(validate(readCompose(sampleSecrets, composeText.replaceAll(right, wrong)))).toBe(false)
  })
})

test.each(services)(
  '$name finds all that it needs in its environment and nothing it does not know',
  (service) => {
    expect(service.problemsOf(environmentOf(service.name))).toEqual([])
  },
)

test.each(services)('$name is told where its peers are', ({ name, peerAddresses }) => {
  expect(peerAddresses).not.toEqual([])
  expect(Object.keys(environmentOf(name))).toEqual(expect.arrayContaining([...peerAddresses]))
})

test.each(services)('$name is built from its own folder, as a target of the Dockerfile', ({ name }) => {
  const { image, build } = compose.services[name]!
  expect(image).toBe(`strait-${name}:dev`)
  expect(build).toEqual({
    context: '..',
    dockerfile: 'deploy/Dockerfile',
    target: 'service',
    args: { SERVICE: name },
  })
  expect(existsSync(join(deployFolder, '..', 'deploy/Dockerfile'))).toBe(true)
})

test.each(services)('$name has time to stop before it is killed', (service) => {
  const { hardStopSecs } = service.read(environmentOf(service.name))
  const grace = /^(\d+)s$/.exec(compose.services[service.name]?.stop_grace_period ?? '')?.[1]
  expect(Number(grace)).toBeGreaterThan(hardStopSecs)
})

test('addresses that containers are given are containers that listen there', () => {
  const listening = new Map(
    services.map((service) => [service.name, service.read(environmentOf(service.name)).port]),
  )
  listening.set('postgres', 5432).set('nats', 4222)
  const given = Object.values(compose.services).flatMap(({ environment = {} }) => addressesIn(environment))
  expect(given.length).toBeGreaterThan(services.length)
  expect(given.filter(({ host, port }) => listening.get(host) !== port)).toEqual([])
})

test('a container waits only for others that tell what it waits for', () => {
  const tells = (name: string, condition: string) => {
    const { healthcheck, build } = compose.services[name] ?? {}
    if (condition === 'service_completed_successfully') return build?.target === 'migrate'
    return condition === 'service_healthy' && (healthcheck !== undefined || build?.target === 'service')
  }
  const waits = Object.values(compose.services).flatMap(({ depends_on = {} }) => Object.entries(depends_on))
  expect(waits.length).toBeGreaterThan(services.length)
  expect(waits.filter(([name, { condition }]) => !tells(name, condition))).toEqual([])
})

test('only the gateway is to be reached from outside, at its own port', () => {
  const published = Object.entries(compose.services).flatMap(([name, { ports = [] }]) =>
    ports.map((port) => [name, port]),
  )
  expect(published).toEqual([['gateway', '8080:8080']])
})

test('what is built here runs without rights and cannot write', () => {
  const ours = Object.values(compose.services).filter(({ image }) => image.startsWith('strait-'))
  expect(ours.length).toBeGreaterThan(services.length)
  expect(ours.filter((one) => one.read_only !== true || one.cap_drop?.join() !== 'ALL')).toEqual([])
})

test('every secret is asked for by name, and has no value in the example', () => {
  for (const name of ['POSTGRES_PASSWORD', 'STRAIT_SERVICE_TOKEN', 'CATALOG_MASTER_KEY']) {
    expect(() => readCompose({ ...sampleSecrets, [name]: '' })).toThrow(
      `${name} is required: see .env.example`,
    )
  }
  const example = readFileSync(join(deployFolder, '.env.example'), 'utf8')
  const entries = example.split('\n').flatMap((line) => /^([A-Z_]+)=(.*)$/.exec(line)?.slice(1, 3) ?? [])
  const names = entries.filter((_, index) => index % 2 === 0)
  expect(names.toSorted()).toEqual(variablesOf(composeText))
  expect(entries.filter((_, index) => index % 2 === 1 && entries[index] !== '')).toEqual(['dev', '8080'])
})

test('files that are mounted are there', () => {
  const files = Object.values(compose.configs).map(({ file }) => file)
  expect(files).toEqual(['./kubernetes/base/nats.conf'])
  expect(files.filter((file) => !existsSync(join(deployFolder, file)))).toEqual([])
})
