// The images, without a container engine: what the Dockerfile copies and installs is laid out in folders, and all of Strait
// runs from there, each service from its own.

import { lstatSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { createServiceClient } from '@strait/contracts/clients'
import { RunService } from '@strait/contracts/dispatcher/v1/run_service_pb'
import { runSql, withDatabase } from '@strait/testkit/database-url'
import { freePort } from '@strait/testkit/free-port'
import { createReceiver } from '@strait/testkit/receiver'
import { type SpawnedProgram, spawnProgram } from '@strait/testkit/spawn-program'
import { createTestDatabase } from '@strait/testkit/test-database'
import { expect, onTestFinished, test } from 'vitest'
import { workloadsOf } from '../manifests/kube-object.ts'
import { readObjects } from '../manifests/render.ts'
import { natsConf, startNats } from '../nats/start-nats.ts'
import { deployFolder } from '../places.ts'
import { type Env, readServices, sampleSecrets } from '../services.ts'
import { buildImage, type Image } from './build-image.ts'
import { readDockerfile } from './dockerfile.ts'
import { createLineRunner } from './run-line.ts'
import { commandIn, environmentIn, runToEnd } from './running-image.ts'

const kubernetes = join(deployFolder, 'kubernetes', 'base')

test('all of Strait runs from what the Dockerfile copies and installs, and from nothing else', async () => {
  const images = await buildImages()
  for (const image of images.values()) expect(linksOutOf(image.folder)).toEqual([])
  // The walls hold: a file of this checkout, though it lies where the user may read, is not to be had.
  const peek = ['node', '-e', `fs.readFileSync(${JSON.stringify(natsConf)})`] as const
  await expect(runToEnd(images.get('migrate')!, peek, {})).rejects.toThrow(
    'Access to this API has been restricted',
  )

  const stack = new AsyncDisposableStack()
  onTestFinished(() => stack.disposeAsync())
  const databaseUrl = await emptyDatabase(stack)
  const nats = stack.use(await startNats())
  const ports = new Map<string, { readonly port: number; readonly opsPort: number }>()
  for (const name of images.keys()) ports.set(name, { port: await freePort(), opsPort: await freePort() })
  const urlOf = (name: string) => `http://127.0.0.1:${ports.get(name)?.port}`

  const migrated = await runToEnd(images.get('migrate')!, images.get('migrate')!.entrypoint!, {
    MIGRATE_DATABASE_URL: databaseUrl,
  })
  expect(migrated).toMatch(/^catalog: ran 0001-.*\n.*\n.*\nnotifier: ran 0001-/)

  const shared = {
    ...sampleSecrets,
    DATABASE_URL: databaseUrl,
    NATS_URL: nats.url,
    STRAIT_CATALOG_URL: urlOf('catalog'),
    STRAIT_DISPATCHER_URL: urlOf('dispatcher'),
    STRAIT_EGRESS_ALLOW: '127.0.0.0/8',
    HOST: '127.0.0.1',
  }
  const bootstrap = ['node', 'src/bootstrap-main.ts', '--project', 'demo'] as const
  const said = await runToEnd(images.get('catalog')!, bootstrap, shared)
  const bearer = /strait_[0-9a-z]+_[0-9A-Za-z]+/.exec(said)?.[0] ?? ''

  const services = await readServices()
  const started = await Promise.all(
    services.map(async ({ name, problemsOf }) => {
      const image = images.get(name)!
      const { port, opsPort } = ports.get(name)!
      const env = { ...ownOnly(shared, problemsOf), PORT: String(port), OPS_PORT: String(opsPort) }
      expect(await isWell(image, env)).toBe(false)
      const program = stack.use(await startService(name, image, env))
      expect(await isWell(image, env)).toBe(true)
      expect(await probeProblems(name, opsPort)).toEqual([])
      return program
    }),
  )

  const endpoint = stack.use(await createReceiver())
  const jobs = createServiceClient(JobService, { baseUrl: urlOf('catalog'), bearer })
  const runs = createServiceClient(RunService, { baseUrl: urlOf('dispatcher'), bearer })
  await jobs.createJob({ job: { name: 'First', endpointUrl: endpoint.url } })
  const { run } = await runs.triggerJob({ job: 'first', payload: '{"n":1}' })
  const call = await endpoint.waitFor(({ headers }) => headers['x-strait-run-id'] === run?.id)
  expect(call.body.toString()).toBe('{"n":1}')

  // A stop signal to the process that ENTRYPOINT names ends it, and ends it well.
  const codes = await Promise.all(started.map((program) => program.stop()))
  expect(codes).toEqual(services.map(() => 0))
  expect(started.map((program) => program.output()).join('')).not.toContain('ERR_ACCESS_DENIED')
}, 120_000)

/** The image of each service by its name, and `migrate`. */
async function buildImages(): Promise<ReadonlyMap<string, Image>> {
  const file = readDockerfile(readFileSync(join(deployFolder, 'Dockerfile'), 'utf8'))
  const run = await createLineRunner()
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'strait-image-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const images = new Map<string, Image>()
  const build = async (name: string, target: string, args: Env) => {
    images.set(name, await buildImage(file, { target, args, folder: join(folder, name), run }))
  }
  for (const { name } of await readServices()) await build(name, 'service', { SERVICE: name })
  await build('migrate', 'migrate', {})
  return images
}

function startService(name: string, image: Image, env: Env): Promise<SpawnedProgram> {
  return spawnProgram({
    name,
    ...commandIn(image, image.entrypoint!),
    env: environmentIn(image, env),
    readyUrl: `http://127.0.0.1:${env.OPS_PORT}/readyz`,
  })
}

/** Whether HEALTHCHECK says so. */
async function isWell(image: Image, env: Env): Promise<boolean> {
  return await runToEnd(image, image.healthCheck!, env).then(
    () => true,
    () => false,
  )
}

/** Which of the paths, at which Kubernetes and Prometheus ask a service, it does not answer. */
async function probeProblems(name: string, opsPort: number): Promise<readonly string[]> {
  const everyService = readFileSync(join(kubernetes, 'every-service.yaml'), 'utf8')
  const manifest = readFileSync(join(kubernetes, `${name}.yaml`), 'utf8')
  const [first] = workloadsOf(readObjects(everyService))
  const container = first!.spec.template.spec.containers[0]!
  const probes = [container.startupProbe, container.livenessProbe, container.readinessProbe]
  const [own] = workloadsOf(readObjects(manifest))
  const metrics = own!.spec.template.metadata.annotations?.['prometheus.io/path'] ?? ''
  const paths = [...probes.map((probe) => probe?.httpGet?.path ?? ''), metrics]
  const answers = paths.map(async (path) => {
    const { status } = await fetch(`http://127.0.0.1:${opsPort}${path}`)
    return status === 200 ? [] : [`${name} answers ${status} at ${path}`]
  })
  return (await Promise.all(answers)).flat()
}

/** What a service reads of these variables; it refuses those of another one. */
function ownOnly(env: Env, problemsOf: (env: Env) => readonly string[]): Env {
  const unread = problemsOf(env).flatMap((problem) => / does not read (\w+)$/.exec(problem)?.[1] ?? [])
  return Object.fromEntries(Object.entries(env).filter(([name]) => !unread.includes(name)))
}

async function emptyDatabase(stack: AsyncDisposableStack): Promise<string> {
  const { url, name } = stack.use(await createTestDatabase())
  const empty = `${name}_empty`
  await runSql(url, `create database ${empty} template template0`)
  stack.defer(() => runSql(url, `drop database ${empty} with (force)`))
  return withDatabase(url, empty)
}

/** Links below a folder that lead out of it. */
function linksOutOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => lstatSync(path).isSymbolicLink() && !realpathSync(path).startsWith(`${folder}/`))
}
