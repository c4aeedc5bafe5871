// Settings as a page: what several services read in the same words stands once, what is one service's own under its name.

import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'

/** What a page tells of a setting. */
export interface SettingFacts {
  readonly env: string
  readonly doc: string
  readonly fallback: unknown
  readonly required: boolean
  readonly secret: boolean
  readonly bounds: string
  /** Reads a text as the service does. */
  read(text: string): unknown
}

export interface ServiceSettings {
  readonly service: string
  readonly settings: readonly SettingFacts[]
}

/** One setting with those who read it in the same words. */
interface Row {
  readonly setting: SettingFacts
  readonly readers: { readonly service: string; readonly fallback: string }[]
}

const head = `<!-- Made by scripts/config-docs.ts from services/*/src/config.ts. Edit those. -->

# Configuration

Everything is set by environment variables, read once when a process starts. If something is wrong, the process says
everything that is wrong at once and ends with exit code 1. A variable that is empty counts as not set. A variable
that begins with a service's own prefix, such as \`DISPATCHER_\`, and is not in its table is an error, so that a
misspelt name does not go unnoticed. Secrets are never repeated in a message. A path that does not begin with a slash
lies in the project's folder.

Three commands read variables too. \`npm run migrate\` uses \`MIGRATE_DATABASE_URL\`, a login that may create roles and
schemas, and \`DATABASE_URL\` when that is not set. \`npm run bootstrap\` uses \`DATABASE_URL\` and the catalog's
master keys, \`npm run rewrap-keys\` the same and \`CATALOG_NEW_MASTER_KEY\`; see [keys-at-rest.md](keys-at-rest.md).
`

/** The page. Paths below \`home\` are told as paths of the project, so that the page is the same on every machine. */
export function renderSettings(all: readonly ServiceSettings[], home: string): string {
  const rows = joinRows(all, home)
  const shared = rows.filter(({ readers }) => readers.length > 1)
  const sections = all.map(({ service }) => {
    const own = rows.filter(({ readers }) => readers.length === 1 && readers[0]?.service === service)
    return own.length === 0 ? '' : `\n## ${service}\n\n${ownTable(own)}`
  })
  const sharedSection = shared.length === 0 ? '' : `\n## Shared\n\n${sharedTable(shared)}`
  return `${head}${sharedSection}${sections.join('')}`
}

function joinRows(all: readonly ServiceSettings[], home: string): Row[] {
  const rows: Row[] = []
  for (const { service, settings } of all) {
    for (const setting of settings) {
      const reader = { service, fallback: fallbackText(setting, home) }
      const known = rows.find((row) => isSame(row.setting, setting))
      if (known === undefined) rows.push({ setting, readers: [reader] })
      else known.readers.push(reader)
    }
  }
  return rows
}

function isSame(a: SettingFacts, b: SettingFacts): boolean {
  return a.env === b.env && a.doc === b.doc && a.bounds === b.bounds && a.required === b.required
}

/**
 * The default as one would write it into the variable. That it is written right is shown by reading it: a setting may keep
 * its default in another unit than its text has.
 */
export function fallbackText(setting: SettingFacts, home: string): string {
  const { fallback, required, env } = setting
  if (required) return 'required'
  if (isEmpty(fallback)) return 'none'
  const written = writings(fallback).find((text) => isDeepStrictEqual(setting.read(text), fallback))
  if (written === undefined) throw new Error(`the default of ${env} cannot be written as its text`)
  return `\`${written.startsWith(join(home, '/')) ? written.slice(join(home, '/').length) : written}\``
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === '') return true
  return typeof value === 'object' && value !== null && Object.values(value).every(isEmpty)
}

function writings(value: unknown): string[] {
  const list = Array.isArray(value) ? value : [value]
  const inSeconds = list.map((each) => (typeof each === 'number' ? each / 1_000 : each))
  return [list.join(','), inSeconds.join(',')]
}

function ownTable(rows: readonly Row[]): string {
  const lines = rows.map(({ setting, readers }) => [
    ...nameAndDefault(setting, readers[0]?.fallback ?? ''),
    ...boundsAndMeaning(setting),
  ])
  return table(['Variable', 'Default', 'Values', 'Meaning'], lines)
}

function sharedTable(rows: readonly Row[]): string {
  const everybody = new Set(rows.flatMap(({ readers }) => readers.map(({ service }) => service))).size
  const lines = rows.map(({ setting, readers }) => {
    const different = new Set(readers.map(({ fallback }) => fallback)).size > 1
    const each = readers.map(({ service, fallback }) => `${fallback} ${service}`)
    const fallback = different ? each.join(', ') : (readers[0]?.fallback ?? '')
    const names = readers.map(({ service }) => service).join(', ')
    const who = readers.length === everybody ? 'every service' : names
    return [...nameAndDefault(setting, fallback), who, ...boundsAndMeaning(setting)]
  })
  return table(['Variable', 'Default', 'Read by', 'Values', 'Meaning'], lines)
}

function nameAndDefault({ env }: SettingFacts, fallback: string): [string, string] {
  return [`\`${env}\``, fallback]
}

function boundsAndMeaning({ bounds, doc, secret }: SettingFacts): [string, string] {
  return [bounds, secret ? `**Secret.** ${doc}` : doc]
}

function table(heads: readonly string[], lines: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`
  return [line(heads), line(heads.map(() => '---')), ...lines.map(line)].join('')
}
