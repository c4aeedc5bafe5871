// `npm run verify-audit -- audit.json`: says whether the chain of an exported audit log holds, without a database, a network or a key.
// Ends with 0 where it does, with 1 where it does not or where there is nothing to be read.

import { createReadStream } from 'node:fs'
import { parseArgs } from 'node:util'
import { StartError } from '@strait/service-kit/listen'
import { isHash } from './domain/audit/hash-event.ts'
import { readExport } from './domain/audit/read-export.ts'
import { createJsonSplitter } from './domain/audit/split-json.ts'
import { type ChainVerdict, createExportCheck, type Remembered } from './domain/audit/verify-export.ts'

const usage = `Use: npm run verify-audit -- [file ...] [--remembered <position>:<hash>]
Files hold entries as JSON, or answers of GET /v1/audit-events, one after another in any order. Without a file they are read from stdin.`

function readArguments() {
  try {
    const { positionals: files, values } = parseArgs({
      allowPositionals: true,
      options: { remembered: { type: 'string' } },
    })
    return {
      files,
      remembered: values.remembered === undefined ? undefined : readRemembered(values.remembered),
    }
  } catch (error) {
    throw new StartError(`${error instanceof Error ? error.message : error}\n${usage}`)
  }
}

function readRemembered(text: string): Remembered {
  const [, position, hash = ''] = /^([1-9]\d{0,14}):(.*)$/.exec(text) ?? []
  if (!isHash(hash))
    throw new StartError('--remembered must be a position, a colon and a hash of 64 of 0-9a-f')
  return { position: Number(position), hash }
}

async function read(
  name: string,
  pieces: AsyncIterable<string>,
  check: ReturnType<typeof createExportCheck>,
) {
  const splitter = createJsonSplitter()
  let nth = 0
  const take = (text: string) => {
    nth++
    try {
      for (const event of readExport(text)) check.add(event)
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      throw new StartError(`${name}, object ${nth} ${error.message}`)
    }
  }
  for await (const piece of pieces) for (const text of splitter.push(piece)) take(text)
  if (splitter.rest() !== '') take(splitter.rest())
}

function open(file: string): AsyncIterable<string> {
  return createReadStream(file, { encoding: 'utf8' })
}

function describe({ projectId, range, previousHash, hash, unchained, fault }: ChainVerdict): string {
  const waiting = unchained === 0 ? '' : `; ${unchained} not chained yet`
  if (fault !== undefined)
    return `project ${projectId}: broken at position ${fault.position}: ${fault.problem}`
  if (range === undefined) return `project ${projectId}: no entry is chained${waiting}`
  const after = range.from === 1 ? '' : `, after one with the hash ${previousHash}`
  return `project ${projectId}: entries ${range.from} to ${range.to} hold${after}; the last hash is ${hash}${waiting}`
}

try {
  const { files, remembered } = readArguments()
  const check = createExportCheck()
  if (files.length === 0) await read('stdin', process.stdin.setEncoding('utf8'), check)
  for (const file of files) await read(file, open(file), check)
  const verdicts = check.conclude(remembered)
  if (verdicts.length === 0) throw new StartError(`there is no entry to verify\n${usage}`)
  if (remembered !== undefined && verdicts.length > 1)
    throw new StartError('a remembered hash belongs to one project, and there are entries of several')
  for (const verdict of verdicts) console.log(describe(verdict))
  if (verdicts.some(({ fault }) => fault !== undefined)) process.exitCode = 1
} catch (error) {
  const isOurs = !(error instanceof StartError) && !(error instanceof Error && 'code' in error)
  console.error(isOurs || !(error instanceof Error) ? error : error.message)
  process.exitCode = 1
}
