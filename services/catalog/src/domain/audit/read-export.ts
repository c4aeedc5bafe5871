// Entries of the audit log as REST answers them, read back without a change of a byte: before and after are hashed as they stand there.

import { parseJson } from '@strait/domain/json/parse-json'
import { jsonElements, jsonMembers } from '@strait/domain/json-parts'
import type { AuditEvent } from './audit-event.ts'

type Members = ReadonlyMap<string, string>

const wholeNumber = /^(?:0|[1-9]\d{0,15})$/
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** The entries of one text: an answer of the list, or a single entry. A SyntaxError says what else it is. */
export function readExport(text: string): readonly AuditEvent[] {
  const members = jsonMembers(text)
  if (members === undefined) throw new SyntaxError('is no JSON object')
  const list = members.get('audit_events')
  if (list === undefined) return [readEvent(members)]
  const elements = jsonElements(list)
  if (elements === undefined) throw new SyntaxError('has audit_events that are no array')
  return elements.map((element) => readEvent(jsonMembers(element) ?? new Map()))
}

function readEvent(members: Members): AuditEvent {
  return {
    id: readText(members, 'id'),
    projectId: readText(members, 'project_id'),
    position: readPosition(members),
    at: readInstant(members),
    actor: readText(members, 'actor'),
    action: readText(members, 'action'),
    resourceType: readText(members, 'resource_type'),
    resourceId: readText(members, 'resource_id'),
    before: readJson(members, 'before'),
    after: readJson(members, 'after'),
    previousHash: readText(members, 'previous_hash'),
    hash: readText(members, 'hash'),
  }
}

function readText(members: Members, name: string): string {
  const text = members.get(name)
  if (!text?.startsWith('"')) throw new SyntaxError(`has an entry whose ${name} is no text`)
  return parseJson(text) as string
}

function readPosition(members: Members): number {
  const text = members.get('position') ?? ''
  if (!wholeNumber.test(text)) throw new SyntaxError('has an entry whose position is no whole number')
  return Number(text)
}

function readInstant(members: Members): string {
  const at = readText(members, 'at')
  if (!instant.test(at)) throw new SyntaxError('has an entry whose at is no instant to the millisecond')
  return at
}

function readJson(members: Members, name: string): string | undefined {
  const text = members.get(name)
  if (text === undefined) throw new SyntaxError(`has an entry without ${name}`)
  return text === 'null' ? undefined : text
}
