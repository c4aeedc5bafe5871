// Makes libs/contracts/gen from proto/: the messages, and the OpenAPI document of REST. With --check it writes elsewhere and compares, so that what is committed is
// exactly what the protos say: `pnpm generate --check`.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, runTool } from './tools/run-tool.ts'

const generated = 'libs/contracts/gen'

/** Generates below a folder; an empty answer means that it went well. */
async function generateInto(base: string): Promise<string> {
  const { code, output } = await runTool('buf', ['generate', '--output', base])
  if (code !== 0) return output || `buf generate ended with ${code}`
  // Only now: this reads options of the schema through the code that buf has just made, where there may have been none.
  const { openApiDocument } = await import('./openapi/document.ts')
  const { readSchema } = await import('./openapi/read-schema.ts')
  const document = openApiDocument(await readSchema(root))
  writeFileSync(join(base, generated, 'openapi.json'), `${JSON.stringify(document, null, 2)}\n`)
  return ''
}

/** The paths, below two folders, of files that only one has or that differ, each with what is wrong. */
export function compareFolders(committed: string, fresh: string): string[] {
  const before = filesBelow(committed)
  const after = filesBelow(fresh)
  const differences = Array.from(new Set([...before, ...after])).map((path) => {
    if (!before.has(path)) return `${path}: missing`
    if (!after.has(path)) return `${path}: no proto makes it`
    const same = readFileSync(join(committed, path)).equals(readFileSync(join(fresh, path)))
    return same ? undefined : `${path}: differs`
  })
  return differences.filter((difference) => difference !== undefined).sort()
}

function filesBelow(folder: string): Set<string> {
  if (!existsSync(folder)) return new Set()
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return new Set(paths.map((path) => path.slice(folder.length + 1).replaceAll('\\', '/')))
}

async function check(): Promise<string> {
  const fresh = mkdtempSync(join(tmpdir(), 'strait-generate-'))
  try {
    const failure = await generateInto(fresh)
    if (failure !== '') return failure
    const differences = compareFolders(join(root, generated), join(fresh, generated))
    if (differences.length === 0) return ''
    const lines = differences.map((difference) => `  ${generated}/${difference}`)
    return ['The committed code is not what proto/ says; run `pnpm generate`:', ...lines].join('\n')
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

if (import.meta.main) {
  const failure = process.argv.includes('--check') ? await check() : await generateInto(root)
  if (failure !== '') {
    console.error(failure)
    process.exitCode = 1
  }
}
