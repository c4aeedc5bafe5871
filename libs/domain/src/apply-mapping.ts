// The payload that a mapping makes (see payload-mapping.ts).
//
// Values are cut out of the text they stand in, so that a number keeps its digits; each text is read once, whatever
// number of paths goes through it.

import { beginScan, type Scan, skipSpace } from './json/scan.ts'
import { openKey, scanString } from './json/scan-string.ts'
import { scanValue } from './json/scan-value.ts'
import type { MappedName, MappingRoots, PayloadMapping } from './payload-mapping.ts'

export type MappedPayload = { readonly ok: true; readonly payload: string } | { readonly ok: false }

const DEEPEST = 512

/**
 * Makes the payload; without a mapping it is the result, and an empty object for a result of null. The roots are JSON
 * texts that checkJsonText accepts. Not ok where the payload would be longer than `maxCharacters`: a mapping may ask for
 * the same large value many times.
 */
export function applyMapping(
  mapping: PayloadMapping | undefined,
  values: MappingRoots,
  maxCharacters: number,
): MappedPayload {
  const payload = mapping === undefined ? wholeResult(values.result) : joined(mapping, values)
  return payload.length > maxCharacters ? { ok: false } : { ok: true, payload }
}

function wholeResult(result: string): string {
  return result.trim() === 'null' ? '{}' : result
}

function joined(mapping: PayloadMapping, values: MappingRoots): string {
  const found = new Map<string, string>()
  for (const root of new Set(mapping.map((one) => one.root))) {
    const tree: Fork = { names: [], ways: new Map() }
    for (const one of mapping) if (one.root === root) plant(tree, one)
    collect(beginScan(values[root], DEEPEST), tree, 0, found)
  }
  const members = mapping.flatMap(({ name }) => {
    const value = found.get(name)
    return value === undefined ? [] : [`${JSON.stringify(name)}:${value}`]
  })
  return `{${members.join(',')}}`
}

/** Where paths part: the names that want what is here, and the ways further down. */
type Fork = { readonly names: string[]; readonly ways: Map<string, Fork> }

function plant(tree: Fork, { name, segments }: MappedName): void {
  let fork = tree
  for (const segment of segments) {
    const next = fork.ways.get(segment) ?? { names: [], ways: new Map() }
    fork.ways.set(segment, next)
    fork = next
  }
  fork.names.push(name)
}

// The text is checked, so every character is what the grammar wants there.

function collect(scan: Scan, fork: Fork | undefined, depth: number, found: Map<string, string>): void {
  const code = skipSpace(scan)
  const start = scan.at
  if (fork === undefined || fork.ways.size === 0) scanValue(scan, depth)
  else if (code === 0x7b) collectMembers(scan, fork, depth + 1, found)
  else if (code === 0x5b) collectElements(scan, fork, depth + 1, found)
  else scanValue(scan, depth)
  if (fork === undefined || fork.names.length === 0) return
  const value = scan.text.slice(start, scan.at).trimEnd()
  for (const name of fork.names) found.set(name, value)
}

function collectMembers(scan: Scan, fork: Fork, depth: number, found: Map<string, string>): void {
  do {
    scan.at += 1
    if (skipSpace(scan) === 0x7d) break
    const start = scan.at
    scanString(scan)
    const key = openKey(scan.text.slice(start, scan.at)).slice(1)
    skipSpace(scan)
    scan.at += 1
    collect(scan, fork.ways.get(key), depth, found)
  } while (skipSpace(scan) === 0x2c)
  scan.at += 1
}

function collectElements(scan: Scan, fork: Fork, depth: number, found: Map<string, string>): void {
  let index = 0
  do {
    scan.at += 1
    if (skipSpace(scan) === 0x5d) break
    collect(scan, fork.ways.get(String(index)), depth, found)
    index += 1
  } while (skipSpace(scan) === 0x2c)
  scan.at += 1
}
