// What the audit log says of a change, whatever changed: who did what to which thing, and the thing before and after it as REST shows it.

import type { AuditEntry } from '../store/audit/record-audit.ts'

/** A thing before a change and after it; what is not there before, or is not there any more, is left out. */
export interface BeforeAndAfter<T> {
  readonly before?: T | undefined
  readonly after?: T | undefined
}

/** Tells the changes of one kind of thing, the word before the dot of an action; `text` is what is kept of it. */
export function entriesOf<Change extends string, T extends { readonly id: string }>(
  kind: string,
  projectOf: (thing: T) => string,
  text: (thing: T) => string,
) {
  return (change: Change, actor: string, { before, after }: BeforeAndAfter<T>): AuditEntry => {
    const either = after ?? before
    if (either === undefined) throw new Error('a change is of a thing that was or is there')
    return {
      projectId: projectOf(either),
      actor,
      action: `${kind}.${change}`,
      resourceId: either.id,
      before: before && text(before),
      after: after && text(after),
    }
  }
}
