// The two dialects of JSON Schema that payloads may be described in, and every keyword of each, by what stands behind it.
// A keyword that is not here is taken for a slip of the pen, save those that begin with `x-`, which are the writer's own.

export type Dialect = '2020-12' | 'draft-07'

/** One schema, a list of them, an object of them by name, or anything else. */
export type Behind = 'schema' | 'list' | 'map' | 'schema or list' | 'map of schemas or names' | 'value'

const dialectsByUri = new Map<string, Dialect>([
  ['https://json-schema.org/draft/2020-12/schema', '2020-12'],
  ['http://json-schema.org/draft-07/schema', 'draft-07'],
])

/** What a `$schema` may say. */
export const dialectUris = [...dialectsByUri.keys()]

/** The dialect that a `$schema` names. */
export function dialectOf(uri: string): Dialect | undefined {
  return dialectsByUri.get(uri.replace(/#$/, ''))
}

const ofBoth = {
  value: `$schema $id $ref $comment type const enum multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength
    minLength pattern maxItems minItems uniqueItems maxProperties minProperties required title description default
    deprecated readOnly writeOnly examples format contentEncoding contentMediaType`,
  schema: 'additionalProperties contains not if then else propertyNames',
  list: 'allOf anyOf oneOf',
  map: 'properties patternProperties $defs definitions',
  'map of schemas or names': 'dependencies',
} satisfies Words

const keywords: Readonly<Record<Dialect, ReadonlyMap<string, Behind>>> = {
  '2020-12': tableOf(ofBoth, {
    value: '$anchor $dynamicRef $dynamicAnchor $vocabulary maxContains minContains dependentRequired',
    schema: 'items unevaluatedItems unevaluatedProperties contentSchema',
    list: 'prefixItems',
    map: 'dependentSchemas',
  }),
  'draft-07': tableOf(ofBoth, { schema: 'additionalItems', 'schema or list': 'items' }),
}

/** What stands behind a keyword; undefined for a word that the dialect does not have. */
export function behind(dialect: Dialect, word: string): Behind | undefined {
  return word.startsWith('x-') ? 'value' : keywords[dialect].get(word)
}

type Words = Partial<Record<Behind, string>>

function tableOf(...all: readonly Words[]): ReadonlyMap<string, Behind> {
  return new Map(
    all.flatMap((words) =>
      Object.entries(words).flatMap(([kind, names]) =>
        names.split(/\s+/).map((name) => [name, kind as Behind] as const),
      ),
    ),
  )
}
