// Path templates as methods are annotated with them, for example `/v1/jobs/{job}/trigger`. What cannot be served as it is
// written is a fault in the schema and throws when a process starts, not when the first caller comes.

import type { DescMethod } from '@bufbuild/protobuf'

/** A segment of a template: a text, or the field of the request that stands there. */
export type TemplateSegment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'variable'; readonly field: string }

/** Takes a template apart. A variable is one whole segment and a field of the method's request. */
export function readTemplate(method: DescMethod, template: string): readonly TemplateSegment[] {
  const wrong = (what: string) => new Error(`${method.name}: ${template} ${what}`)
  if (!template.startsWith('/v1/')) throw wrong('does not begin with /v1/')
  const segments = template
    .slice(1)
    .split('/')
    .map((part): TemplateSegment => {
      const [, field] = /^\{([a-z][a-z0-9_]*)\}$/.exec(part) ?? []
      if (field === undefined) {
        if (!/^[a-z0-9-]+$/.test(part)) throw wrong(`has ${part}, which is no segment`)
        return { kind: 'literal', text: part }
      }
      if (!method.input.fields.some(({ name }) => name === field)) throw wrong(`has no field for ${part}`)
      return { kind: 'variable', field }
    })
  const fields = segments.flatMap((segment) => (segment.kind === 'variable' ? [segment.field] : []))
  if (new Set(fields).size < fields.length) throw wrong('has a variable twice')
  return segments
}
