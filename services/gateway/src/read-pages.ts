import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Pages } from './pages.ts'

/** The description of the REST API, made from the same schemas as the routes. */
export function readPages(): Pages {
  const openapi = fileURLToPath(import.meta.resolve('@strait/contracts/openapi.json'))
  if (!existsSync(openapi)) return {}
  return {
    '/openapi.json': { contentType: 'application/json', bytes: readFileSync(openapi) },
  }
}
