// Holds what REST answers to the OpenAPI document that is published: whether the operation has such an answer, of that type, with
// those headers, and a body that is exactly as described.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormatsModule from 'ajv-formats'
import { closeDefinitions, closeSchema, type Schema } from './openapi/close-schema.ts'

const { default: addFormats } = addFormatsModule

/** One answer of REST. */
export interface RestAnswer {
  readonly method: string
  /** A path as the document has it (`/v1/jobs/{job}`), or one that was called. */
  readonly path: string
  readonly status: number
  readonly contentType: string | null
  /** The body as JSON reads it; of a stream, the data of one event. */
  readonly body: unknown
  /** When given, the headers that the document promises must be there. */
  readonly headers?: Pick<Headers, 'get'>
  /** The type of a stream's event, where it has one. */
  readonly event?: string
}

interface MediaType {
  readonly schema: Schema
  readonly 'x-strait-event-data'?: Schema
  readonly 'x-strait-error-data'?: Schema
}

interface AnswerDocument {
  readonly $ref?: string
  readonly headers?: Readonly<Record<string, { readonly required?: boolean }>>
  readonly content?: Readonly<Record<string, MediaType>>
}

interface Operation {
  readonly responses: Readonly<Record<string, AnswerDocument>>
}

/** What of a document is read here. */
export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>
    readonly responses: Readonly<Record<string, AnswerDocument>>
  }
}

/** The document that this tree publishes. */
export function publishedDocument(): OpenApiDocument {
  const file = createRequire(import.meta.url).resolve('@strait/contracts/openapi.json')
  return JSON.parse(readFileSync(file, 'utf8')) as OpenApiDocument
}

/** A function that says what is wrong with an answer, a line for each; nothing when it is as the document has it. */
export function createOpenApiChecker(
  document: OpenApiDocument = publishedDocument(),
): (answer: RestAnswer) => readonly string[] {
  // Unknown keywords are mistakes. Types are not asked for beside every keyword: a reference may lead to any type.
  const ajv = addFormats(new Ajv2020({ strict: true, strictTypes: false, allErrors: true }))
  const $defs = closeDefinitions(document.components.schemas)
  const compiled = new Map<Schema, ValidateFunction>()
  const validatorOf = (schema: Schema): ValidateFunction => {
    const known = compiled.get(schema)
    if (known !== undefined) return known
    const made = ajv.compile({ $defs, allOf: [closeSchema(schema)] })
    compiled.set(schema, made)
    return made
  }

  return (answer) => {
    const described = findAnswer(document, answer)
    if (typeof described === 'string') return [described]
    const missing = missingHeaders(described, answer)
    const media = described.content?.[mediaTypeOf(answer)]
    if (media === undefined) return [...missing, `${nameOf(answer)} may not be of type ${answer.contentType}`]
    const validate = validatorOf(schemaOf(media, answer))
    if (validate(answer.body)) return missing
    const errors = validate.errors ?? []
    return [
      ...missing,
      ...errors.map(({ instancePath, message, params }) =>
        [`${nameOf(answer)} body${instancePath}`, message, JSON.stringify(params)].join(' '),
      ),
    ]
  }
}

function nameOf({ method, path, status }: RestAnswer): string {
  return `${method.toUpperCase()} ${path} ${status}:`
}

function findAnswer(document: OpenApiDocument, answer: RestAnswer): AnswerDocument | string {
  const verb = answer.method.toLowerCase()
  const templates = Object.keys(document.paths).filter((path) => document.paths[path]?.[verb] !== undefined)
  const operation = document.paths[findTemplate(templates, answer.path) ?? '']?.[verb]
  if (operation === undefined) return `${nameOf(answer)} no such operation`
  const { responses } = operation
  const found = responses[answer.status] ?? (answer.status >= 400 ? responses.default : undefined)
  if (found === undefined) return `${nameOf(answer)} no such status`
  const name = found.$ref?.split('/').at(-1)
  return name === undefined ? found : (document.components.responses[name] ?? found)
}

/** The path as the document has it with this verb. A segment that is spelled out goes before one that may be anything. */
function findTemplate(templates: readonly string[], path: string): string | undefined {
  const parts = path.split('?')[0]?.split('/') ?? []
  const fits = templates.filter((template) => {
    const own = template.split('/')
    return own.length === parts.length && own.every((part, i) => part.startsWith('{') || part === parts[i])
  })
  const variables = (template: string) => template.split('{').length
  return fits.toSorted((a, b) => variables(a) - variables(b))[0]
}

function mediaTypeOf({ contentType }: RestAnswer): string {
  return contentType?.split(';')[0]?.trim().toLowerCase() ?? ''
}

function schemaOf(media: MediaType, { event }: RestAnswer): Schema {
  const data = event === 'error' ? media['x-strait-error-data'] : media['x-strait-event-data']
  return data ?? media.schema
}

function missingHeaders({ headers = {} }: AnswerDocument, answer: RestAnswer): string[] {
  if (answer.headers === undefined) return []
  return Object.entries(headers)
    .filter(([name, { required }]) => required === true && answer.headers?.get(name) === null)
    .map(([name]) => `${nameOf(answer)} has no header ${name}`)
}
