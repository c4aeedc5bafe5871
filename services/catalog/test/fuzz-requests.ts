// Requests of any method, made from its schema: mostly right, and wrong in a place or three.

import { type DescField, type DescMessage, type DescMethod, ScalarType } from '@bufbuild/protobuf'
import type { Chance } from './fuzz-random.ts'
import { goodNumbers, goodTexts, hostileText, hostileValue } from './fuzz-values.ts'

/** Texts that answers had, by what they are: `job`, `group`, `etag`, `page_token`. */
export type Known = ReadonlyMap<string, readonly string[]>

type Json = Record<string, unknown>

/** Fields without which a call gets nowhere. */
const wanted = new Set([
  ...[
    'job',
    'jobs',
    'group',
    'job_group',
    'environment',
    'workflow',
    'key',
    'api_key',
    'project',
    'audit_event',
  ],
  ...['patch', 'update_mask', 'requests', 'name', 'endpoint_url', 'scopes', 'steps', 'ref', 'version'],
  ...['variables', 'items', 'event', 'duration_secs', 'max', 'window_secs', 'set'],
])

/** What the texts of fields name. */
const names: Readonly<Record<string, string>> = {
  parent_id: 'environment_id',
  resource_id: 'job_id',
  version: 'version_id',
  from: 'version_id',
  to: 'version_id',
}

/** A request of a method as proto JSON, with `faults` places in it that are made up. */
export function aRequest(chance: Chance, { input }: DescMethod, known: Known, faults: number): Json {
  const places: { readonly of: Json; readonly field: DescField }[] = []
  const request = aMessage(chance, input, known, places)
  const texts = [...known.values()].flat()
  for (let i = 0; i < faults; i++) {
    const missing = chance.odds(0.3) && input.fields.length > 0
    const { of, field } = missing
      ? { of: request, field: chance.any(input.fields) }
      : (places.at(chance.below(places.length)) ?? { of: request, field: input.fields[0] as DescField })
    of[field.jsonName] = isMask(field) ? hostileMask(chance, input) : hostileValue(chance, field, texts)
  }
  return request
}

function aMessage(
  chance: Chance,
  message: DescMessage,
  known: Known,
  places: { of: Json; field: DescField }[],
): Json {
  const json: Json = {}
  const choices = new Map(message.oneofs.map((oneof) => [oneof, chance.any(oneof.fields)]))
  for (const field of message.fields) {
    const isChosen = field.oneof === undefined || choices.get(field.oneof) === field
    // Of a few fields many are given, of fifty a few: each that is there may be what a call fails for.
    const odds = wanted.has(field.name) ? 0.97 : 1 / (message.fields.length + 2)
    const isGiven = field.oneof !== undefined || chance.odds(odds)
    if (!isChosen || !isGiven) continue
    places.push({ of: json, field })
    json[field.jsonName] = isMask(field) ? aMask(chance, message) : aValue(chance, field, known, places)
  }
  makeWhole(json)
  return json
}

/** What goes only together, and what must differ. */
function makeWhole(json: Json): void {
  if ('rateLimitMax' in json || 'rateLimitWindowSecs' in json)
    Object.assign(json, { rateLimitMax: 10, rateLimitWindowSecs: 60 })
  if ('retryDelaysSecs' in json || json.retryStrategy === 'RETRY_STRATEGY_CUSTOM')
    Object.assign(json, { retryDelaysSecs: [1, 2], retryStrategy: 'RETRY_STRATEGY_CUSTOM' })
  for (const name of ['steps', 'rateLimitKeys']) {
    const items = json[name]
    if (!Array.isArray(items)) continue
    for (const [i, item] of items.entries()) {
      if (name === 'steps') Object.assign(item, { ref: `step${i}`, dependsOn: i > 0 ? ['step0'] : [] })
      else Object.assign(item, { name: `limit${i}` })
    }
  }
}

function aValue(
  chance: Chance,
  field: DescField,
  known: Known,
  places: { of: Json; field: DescField }[],
): unknown {
  switch (field.fieldKind) {
    case 'message':
      if (field.message.typeName === 'google.protobuf.Timestamp')
        return chance.any(['2100-01-01T00:00:00Z', '2020-01-01T00:00:00.5Z'])
      return aMessage(chance, field.message, known, places)
    case 'enum':
      return chance.any(field.enum.values).name
    case 'list':
      return Array.from({ length: 1 + chance.below(3) }, () => {
        if (field.listKind === 'message') return aMessage(chance, field.message, known, places)
        return field.listKind === 'scalar' ? aScalar(chance, field, field.scalar, known) : 1
      })
    case 'map':
      return Object.fromEntries(
        Array.from({ length: 1 + chance.below(2) }, () => [
          chance.any(['TIMEOUT', 'NAME', 'constructor', ...(known.get('slug') ?? [])]),
          field.mapKind === 'message'
            ? aMessage(chance, field.message, known, places)
            : chance.any(goodTexts[field.name] ?? ['a', 'b']),
        ]),
      )
    case 'scalar':
      return aScalar(chance, field, field.scalar, known)
    default:
      return field satisfies never
  }
}

function aScalar(chance: Chance, field: DescField, type: ScalarType, known: Known): unknown {
  if (type === ScalarType.BOOL) return chance.odds(0.5)
  if (type !== ScalarType.STRING) return chance.any(goodNumbers)
  const ofKind = known.get(names[field.name] ?? field.name) ?? []
  const texts = [...ofKind, ...(goodTexts[field.name] ?? [])]
  return texts.length === 0 ? 'something' : chance.any(texts)
}

function isMask(field: DescField): boolean {
  return field.message?.typeName === 'google.protobuf.FieldMask'
}

/** Some fields of what the request changes, in the spelling of proto JSON. */
function aMask(chance: Chance, request: DescMessage): string {
  const fields = changedBy(request)
  return Array.from({ length: 1 + chance.below(4) }, () => chance.any(fields)?.jsonName ?? 'name').join(',')
}

function hostileMask(chance: Chance, request: DescMessage): unknown {
  const [path = 'name'] = [chance.any(changedBy(request))?.jsonName]
  return chance.any([
    '',
    '*',
    `${path},${path}`,
    `${path}.x`,
    'tags.__proto__',
    '__proto__',
    'constructor,name',
    ',',
    `${path},`,
    'a_b',
    `${'x,'.repeat(1_000)}x`,
    hostileText(chance, []),
    null,
    { paths: ['name'] },
  ])
}

function changedBy(request: DescMessage): readonly DescField[] {
  const changed = request.fields.find((field) => field.name === 'patch' || field.name === 'api_key')
  return changed?.message?.fields ?? request.fields
}
