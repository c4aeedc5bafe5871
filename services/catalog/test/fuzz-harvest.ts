// What answers tell goes into later requests: ids, slugs, etags and page tokens, of whatever project and of what was deleted too.

import type { DescMethod } from '@bufbuild/protobuf'
import type { Chance } from './fuzz-random.ts'
import type { Known } from './fuzz-requests.ts'

/** What answers told. */
export interface Harvest {
  readonly known: Known
  keep(kind: string, text: unknown): void
  /** Keeps what an answer in JSON tells; anything else tells nothing. */
  gather(method: DescMethod, answer: string): void
}

// The older ones are deleted by then, or far from what is asked now.
const kept = 8

const kinds: Readonly<Record<string, readonly string[]>> = {
  JobService: ['job'],
  JobGroupService: ['group'],
  EnvironmentService: ['environment'],
  WorkflowService: ['workflow'],
  ProjectService: ['project'],
  ApiKeyService: ['key'],
  AuditService: ['audit_event'],
}

/** A harvest that begins empty. What is in `never` is not kept: nobody ends the keys that the calls are made with. */
export function createHarvest(chance: Chance, never: ReadonlySet<string>): Harvest {
  const known = new Map<string, string[]>()
  const keep = (kind: string, text: unknown) => {
    if (typeof text !== 'string' || text === '' || never.has(text)) return
    const texts = known.get(kind) ?? []
    known.set(kind, texts)
    if (texts.length >= kept) texts.splice(chance.below(kept), 1)
    texts.push(text)
  }
  const walk = (kind: string, value: unknown) => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, each] of Object.entries(value)) {
      if (key === 'id' || key === 'slug') keep(kind, each)
      if (key === 'id') keep(`${kind}_id`, each)
      if (key === 'slug') keep('slug', each)
      if (/^(?:etag|versionId|version_id)$/.test(key)) keep('etag', each)
      if (/^version_?[iI]d$/.test(key)) keep('version_id', each)
      if (/^next_?[pP]age_?[tT]oken$/.test(key)) keep('page_token', each)
      walk(kind, each)
    }
  }
  return {
    known,
    keep,
    gather({ parent }, answer) {
      try {
        for (const kind of kinds[parent.name] ?? []) walk(kind, JSON.parse(answer))
      } catch {
        // Binary.
      }
    },
  }
}
