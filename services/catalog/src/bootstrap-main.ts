// `npm run bootstrap -- --project demo`: makes the project if needed and prints a new API key, once.

import { parseArgs } from 'node:util'
import { StartError } from '@strait/service-kit/listen'
import { bootstrap } from './bootstrap.ts'

const usage = 'Use: npm run bootstrap -- --project <slug> [--name <project name>] [--key-name <name>]'

function readArguments() {
  try {
    const options = {
      project: { type: 'string' },
      name: { type: 'string' },
      'key-name': { type: 'string' },
    } as const
    const { project, name, 'key-name': keyName } = parseArgs({ options }).values
    if (project === undefined) throw new StartError('--project is missing')
    return { projectSlug: project, ...(name && { projectName: name }), ...(keyName && { keyName }) }
  } catch (error) {
    throw new StartError(`${error instanceof Error ? error.message : error}\n${usage}`)
  }
}

function readVariable(name: string, meaning: string): string {
  const value = process.env[name]
  if (value === undefined || value === '') throw new StartError(`${name} is required: ${meaning}`)
  return value
}

try {
  const { projectId, apiKey } = await bootstrap({
    ...readArguments(),
    databaseUrl: readVariable('DATABASE_URL', 'Postgres, as a postgres:// URL'),
    masterKey: readVariable('CATALOG_MASTER_KEY', '32 bytes in base64, the same that the catalog runs with'),
  })
  console.log(`project ${projectId}`)
  console.log(`API key ${apiKey}`)
  console.error('The key is not shown again: keep it where secrets are kept.')
} catch (error) {
  console.error(error instanceof StartError ? error.message : error)
  process.exitCode = 1
}
