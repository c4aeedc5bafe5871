// `npm run bootstrap -- --project demo`: makes the project if needed and prints a new API key, once, with what it may do.
// `npm run bootstrap -- --deployment`: the same for a key of the deployment, and no project.

import { parseArgs } from 'node:util'
import { StartError } from '@strait/service-kit/listen'
import { bootstrap } from './bootstrap.ts'
import { bootstrapDeployment, listDeploymentKeys, revokeDeploymentKey } from './bootstrap-deployment.ts'

const usage = `Use: npm run bootstrap -- --project <slug> [--name <project name>] [--key-name <name>]
       [--scopes jobs:read,jobs:trigger] [--expires-in-days <days>]
   or: npm run bootstrap -- --deployment [--key-name <name>] [--expires-in-days <days>]
   or: npm run bootstrap -- --list-deployment-keys
   or: npm run bootstrap -- --revoke-deployment-key <id>`

const options = {
  project: { type: 'string' },
  name: { type: 'string' },
  'key-name': { type: 'string' },
  scopes: { type: 'string' },
  'expires-in-days': { type: 'string' },
  deployment: { type: 'boolean' },
  'list-deployment-keys': { type: 'boolean' },
  'revoke-deployment-key': { type: 'string' },
} as const

// What each command takes besides its own flag.
type Command = 'project' | 'deployment' | 'list-deployment-keys' | 'revoke-deployment-key'
const commands: Readonly<Record<Command, readonly string[]>> = {
  project: ['name', 'key-name', 'scopes', 'expires-in-days'],
  deployment: ['key-name', 'expires-in-days'],
  'list-deployment-keys': [],
  'revoke-deployment-key': [],
}

const parse = () => parseArgs({ options }).values

function readArguments(): { readonly command: Command; readonly values: ReturnType<typeof parse> } {
  try {
    const values = parse()
    const given = Object.keys(values)
    const [command, ...others] = (Object.keys(commands) as Command[]).filter((each) => given.includes(each))
    if (command === undefined) throw new StartError('--project is missing')
    const allowed = [command, ...commands[command]]
    const wrong = others[0] ?? given.find((each) => !allowed.includes(each))
    if (wrong !== undefined) throw new StartError(`--${wrong} does not go with --${command}`)
    return { command, values }
  } catch (error) {
    throw new StartError(`${error instanceof Error ? error.message : error}\n${usage}`)
  }
}

function readDays(text: string | undefined) {
  // What is no number is one that bootstrap refuses, in the words of its bounds.
  return text === undefined ? {} : { expiresInDays: /^\d+$/.test(text) ? Number(text) : Number.NaN }
}

function readVariable(name: string, meaning: string): string {
  const value = process.env[name]
  if (value === undefined || value === '') throw new StartError(`${name} is required: ${meaning}`)
  return value
}

function showKey(apiKey: string, scopes: readonly string[], expiresAt: Date | undefined): void {
  console.log(`API key ${apiKey}`)
  console.log(`scopes ${scopes.join(' ')}`)
  console.log(`expires ${expiresAt?.toISOString() ?? 'never'}`)
  console.error('The key is not shown again: keep it where secrets are kept.')
}

async function run(): Promise<void> {
  const { command, values } = readArguments()
  const database = {
    databaseUrl: readVariable('DATABASE_URL', 'Postgres, as a postgres:// URL'),
    masterKey: readVariable('CATALOG_MASTER_KEY', '32 bytes in base64, the same that the catalog runs with'),
  }
  const { project = '', name, 'key-name': keyName, scopes, 'revoke-deployment-key': id = '' } = values
  const key = { ...(keyName && { keyName }), ...readDays(values['expires-in-days']) }
  switch (command) {
    case 'project': {
      const made = await bootstrap({
        ...database,
        ...key,
        projectSlug: project,
        ...(name && { projectName: name }),
        ...(scopes !== undefined && { scopes: scopes.split(',').map((scope) => scope.trim()) }),
      })
      console.log(`project ${made.projectId}`)
      return showKey(made.apiKey, made.scopes, made.expiresAt)
    }
    case 'deployment': {
      const made = await bootstrapDeployment({ ...database, ...key })
      return showKey(made.apiKey, ['deployment'], made.expiresAt)
    }
    case 'list-deployment-keys':
      for (const { id, name, createdAt, expiresAt, revokedAt } of await listDeploymentKeys(database)) {
        const end = revokedAt
          ? `revoked ${revokedAt.toISOString()}`
          : `expires ${expiresAt?.toISOString() ?? 'never'}`
        console.log(`${id} created ${createdAt.toISOString()} ${end} ${JSON.stringify(name)}`)
      }
      return
    case 'revoke-deployment-key':
      await revokeDeploymentKey({ ...database, id })
      console.log(`revoked ${id}`)
  }
}

try {
  await run()
} catch (error) {
  console.error(error instanceof StartError ? error.message : error)
  process.exitCode = 1
}
