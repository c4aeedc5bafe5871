// Ids of everything that has one. This is the only file of the domain that reads the clock and rolls dice: an id
// is minted once, at an edge, and from there on is data like any other, so no decision depends on the minting.
// Ids always carry real time, also under a virtual clock: they name partitions and sort rows, they schedule nothing.
import { customAlphabet } from 'nanoid'
import { v7 } from 'uuid'

declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

export type ProjectId = Branded<'project'>
export type JobId = Branded<'job'>
export type GroupId = Branded<'group'>
export type EnvironmentId = Branded<'environment'>
export type WorkflowId = Branded<'workflow'>
export type RunId = Branded<'run'>
export type AttemptId = Branded<'attempt'>
export type ScheduleId = Branded<'schedule'>
export type OccurrenceId = Branded<'occurrence'>
export type DeliveryId = Branded<'delivery'>
export type EventId = Branded<'event'>
export type ApiKeyId = Branded<'api-key'>
/** One boot of one process; never used twice. */
export type ExecId = Branded<'exec'>
/** `ver_` and ten of `0-9a-z`. */
export type VersionId = Branded<'version'>

const uuidShape = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const uuidv7Shape = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i
const versionShape = /^ver_[0-9a-z]{10}$/

const versionTail = customAlphabet('0123456789abcdefghijklmnopqrstuvwxyz', 10)

/**
 * Mints a UUIDv7. Within one process each is greater than the one before, as text and as bytes, even when many
 * share a millisecond or the clock steps back.
 */
export function newUuidv7<Id extends string = string>(): Id {
  return v7() as Id
}

/** Mints the id of a job's version. */
export function newVersionId(): VersionId {
  return `ver_${versionTail()}` as VersionId
}

/**
 * Says whether the text has the shape of a UUID of any kind, in either case. The same shape is refused to slugs:
 * that is what lets one path segment be an id or a slug without a doubt.
 */
export function isUuid(text: string): boolean {
  return text.length === 36 && uuidShape.test(text)
}

/** Says whether the text has the shape of a version's id. */
export function isVersionId(text: string): text is VersionId {
  return versionShape.test(text)
}

/** Reads the millisecond a UUIDv7 was minted in; throws a RangeError for any other text. */
export function uuidv7Time(id: string): Date {
  if (!uuidv7Shape.test(id)) throw new RangeError(`not a UUIDv7: ${id.slice(0, 64)}`)
  return new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16))
}
