// URLs with names in them: `https://{{TENANT}}.example.com/{{PATH}}`. A name is filled in percent-encoded, so a value is a part of what
// it stands in and never becomes a path, a query or a host of its own. A brace outside of a name is no URL anyway, so it is refused and
// not passed on: what looks like a name and is none was meant as one.

const slots = /\{\{([A-Za-z_][A-Za-z0-9_]{0,127})\}\}/

/** A text that stands as it is, or a name whose value is filled in. */
export type TemplatePart = string | { readonly name: string }

/** Takes a URL apart at its names; undefined where braces are left over or what they hold is no name. */
export function readUrlTemplate(text: string): readonly TemplatePart[] | undefined {
  // Split by a pattern with one group: texts and names in turn.
  const pieces = text.split(slots)
  const parts = pieces.map((piece, index): TemplatePart => (index % 2 === 0 ? piece : { name: piece }))
  return parts.some((part) => typeof part === 'string' && /[{}]/.test(part)) ? undefined : parts
}

/** What comes of filling a URL in. */
export type FilledUrl =
  | { readonly ok: true; readonly url: string; readonly used: readonly string[] }
  | { readonly ok: false; readonly reason: string }

/** Fills the names of a URL in. No reason tells anything of a value. */
export function fillUrl(text: string, values: ReadonlyMap<string, string>): FilledUrl {
  const parts = readUrlTemplate(text)
  if (parts === undefined) return { ok: false, reason: 'has braces that are no {{NAME}}' }
  const used = new Set<string>()
  const reasons = new Set<string>()
  const texts = parts.map((part) => {
    if (typeof part === 'string') return part
    used.add(part.name)
    const value = values.get(part.name)
    const problem = valueProblem(value)
    if (problem !== undefined) reasons.add(`{{${part.name}}} ${problem}`)
    return problem === undefined && value !== undefined ? encodeURIComponent(value) : ''
  })
  if (reasons.size > 0) return { ok: false, reason: [...reasons].join('; ') }
  return { ok: true, url: texts.join(''), used: [...used] }
}

function valueProblem(value: string | undefined): string | undefined {
  if (value === undefined) return 'has no value'
  // As a segment of a path these two climb, however they are encoded.
  if (value === '.' || value === '..') return 'has a value that is a step in a path'
  return value.isWellFormed() ? undefined : 'has a value that is no Unicode text'
}
