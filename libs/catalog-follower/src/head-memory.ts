// Every head there is, in memory, by id and (jobs) by slug.
//
// Answers cross: a look-up that was asked later may arrive before a page that was read earlier. Each answer says when it was read
// (`as_of`), each head is kept with it, and an older one never replaces a newer one. The same holds for slugs, which wander from job to
// job: a slug names whichever of two jobs was read later.
//
// All heads are held, not the ones used last: a pause must be known of a job that nobody asked for in a week. README.md says what one costs.

import { type DescMessage, equals, type Message } from '@bufbuild/protobuf'
import {
  EnvironmentHeadSchema,
  type Head,
  JobGroupHeadSchema,
  type JobHead,
  JobHeadSchema,
  ProjectHeadSchema,
  WorkflowHeadSchema,
} from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import type { CatalogKind } from '@strait/contracts/subjects'
import { isUuid } from '@strait/domain/ids'
import type { HeadChange, HeadOf } from './head-change.ts'
import { createJobSlugs } from './job-slugs.ts'
import { createShare } from './share.ts'

/** What is known of the catalog. */
export interface HeadMemory {
  get<K extends CatalogKind>(kind: K, id: string): HeadOf[K] | undefined
  all<K extends CatalogKind>(kind: K): Iterable<HeadOf[K]>
  count(kind: CatalogKind): number
  /** Jobs that are being deleted, as far as is known. */
  closing(): Iterable<string>
  /** A job that is not deleted, by project and id or slug. */
  findJob(projectId: string, idOrSlug: string): JobHead | undefined
  /** Opens what was learnt to be closing a minute ago or longer: without the catalog nobody else says that it is over. */
  reopen(): readonly HeadChange[]
  /** Takes in the heads of one answer, and says what is different now. */
  learn(heads: readonly Head[], asOf: bigint): readonly HeadChange[]
}

interface Kept<H> {
  readonly head: H
  readonly asOf: bigint
}

const schemas: Readonly<Record<CatalogKind, DescMessage>> = {
  job: JobHeadSchema,
  job_group: JobGroupHeadSchema,
  environment: EnvironmentHeadSchema,
  project: ProjectHeadSchema,
  workflow: WorkflowHeadSchema,
}

/** The name of a kind in the message. */
const kindOfCase = {
  job: 'job',
  jobGroup: 'job_group',
  environment: 'environment',
  project: 'project',
  workflow: 'workflow',
} as const satisfies Record<NonNullable<Head['kind']['case']>, CatalogKind>

// The catalog deletes nothing that was closed longer ago.
const closingMs = 60_000

/** A memory of nothing; `nowMs` is a monotonic clock. */
export function createHeadMemory(nowMs: () => number = () => performance.now()): HeadMemory {
  const kept: { readonly [K in CatalogKind]: Map<string, Kept<HeadOf[K]>> } = {
    job: new Map(),
    job_group: new Map(),
    environment: new Map(),
    project: new Map(),
    workflow: new Map(),
  }
  const jobsBySlug = createJobSlugs()
  const share = createShare()
  /** Since when they are closing, as far as is known here. */
  const closing = new Map<string, number>()

  function keep<K extends CatalogKind>(kind: K, head: HeadOf[K], asOf: bigint): HeadChange | undefined {
    const heads = kept[kind]
    const known = heads.get(head.id)
    if (known !== undefined && known.asOf > asOf) return undefined
    if (known !== undefined && isEqual(kind, known.head, head)) {
      heads.set(known.head.id, { head: known.head, asOf })
      return undefined
    }
    heads.set(head.id, { head, asOf })
    // Kind, now and before are of one K, which the compiler cannot follow through a mapped type.
    return { kind, now: head, before: known?.head } as unknown as HeadChange
  }

  function moveSlug(now: JobHead, before: JobHead | undefined, asOf: bigint): void {
    if (
      before !== undefined &&
      (before.slug !== now.slug || now.deleted) &&
      jobsBySlug.get(before) === now.id
    )
      jobsBySlug.delete(before)
    if (now.deleted) return
    const holder = kept.job.get(jobsBySlug.get(now) ?? '')
    if (holder === undefined || holder.asOf <= asOf) jobsBySlug.set(now)
  }

  return {
    get: (kind, id) => kept[kind].get(id)?.head,
    *all(kind) {
      for (const { head } of kept[kind].values()) yield head
    },
    count: (kind) => kept[kind].size,
    closing: () => closing.keys(),
    reopen() {
      const over = nowMs() - closingMs
      return [...closing].flatMap(([id, since]) => {
        const known = kept.job.get(id)
        if (since > over || known === undefined) return []
        closing.delete(id)
        return keep('job', { ...known.head, closing: false }, known.asOf) ?? []
      })
    },
    findJob(projectId, idOrSlug) {
      // A slug never looks like an id.
      const id = isUuid(idOrSlug) ? idOrSlug.toLowerCase() : jobsBySlug.get({ projectId, slug: idOrSlug })
      const head = kept.job.get(id ?? '')?.head
      return head?.projectId === projectId && !head.deleted ? head : undefined
    },
    learn(heads, asOf) {
      const changes: HeadChange[] = []
      for (const { kind } of heads) {
        if (kind.case === undefined) continue
        const change = keep(kindOfCase[kind.case], share(kind.value), asOf)
        if (change === undefined) continue
        if (change.kind === 'job') {
          moveSlug(change.now, change.before, asOf)
          if (!change.now.closing) closing.delete(change.now.id)
          else if (!closing.has(change.now.id)) closing.set(change.now.id, nowMs())
        }
        changes.push(change)
      }
      return changes
    },
  }
}

function isEqual(kind: CatalogKind, a: Message, b: Message): boolean {
  return equals(schemas[kind], a, b)
}
