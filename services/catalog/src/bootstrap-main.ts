// `npm run bootstrap -- --project demo`: makes the project if needed and prints a new API key, once, with what it may do.

import { parseArgs } from 'node:util'
import { StartError } from '@strait/service-kit/listen'
import { bootstrap, readMasterKeys } from './bootstrap.ts'
import { readVariable } from './command-variables.ts'

const usage = `Use: npm run bootstrap -- --project <slug> [--name <project name>] [--key-name <name>]
       [--scopes jobs:read,jobs:trigger] [--expires-in-days <days>]`

function readArguments() {
  try {
    const options = {
      project: { type: 'string' },
      name: { type: 'string' },
      'key-name': { type: 'string' },
      scopes: { type: 'string' },
      'expires-in-days': { type: 'string' },
    } as const
    const { project, name, 'key-name': keyName, scopes, ...rest } = parseArgs({ options }).values
    if (project === undefined) throw new StartError('--project is missing')
    return {
      projectSlug: project,
      ...(name && { projectName: name }),
      ...(keyName && { keyName }),
      ...(scopes !== undefined && { scopes: scopes.split(',').map((scope) => scope.trim()) }),
      ...readDays(rest['expires-in-days']),
    }
  } catch (error) {
    throw new StartError(`${error instanceof Error ? error.message : error}\n${usage}`)
  }
}

function readDays(text: string | undefined) {
  // What is no number is one that bootstrap refuses, in the words of its bounds.
  return text === undefined ? {} : { expiresInDays: /^\d+$/.test(text) ? Number(text) : Number.NaN }
}

try {
  const { projectId, apiKey, scopes, expiresAt } = await bootstrap({
    ...readArguments(),
    databaseUrl: readVariable(process.env, 'DATABASE_URL', 'Postgres, as a postgres:// URL'),
    ...readMasterKeys(process.env),
  })
  console.log(`project ${projectId}`)
  console.log(`API key ${apiKey}`)
  console.log(`scopes ${scopes.join(' ')}`)
  console.log(`expires ${expiresAt?.toISOString() ?? 'never'}`)
  console.error('The key is not shown again: keep it where secrets are kept.')
} catch (error) {
  console.error(error instanceof StartError ? error.message : error)
  process.exitCode = 1
}
