// A change laid over what it changes: each field that the mask names takes the value that the patch has, whole, and none where it has none,
// so that the check gives it its default.

import { clone, type DescField, type DescMessage, type MessageShape } from '@bufbuild/protobuf'
import { reflect } from '@bufbuild/protobuf/reflect'
import type { Problem } from '../domain/jobs/job-input.ts'
import { quoteShort } from '../domain/text-rules.ts'

// More than anybody mends at once.
const maxProblems = 20

/** The fields that a mask names, without those that only the catalog sets; or what is wrong with it. */
export function readMask(
  schema: DescMessage,
  inputFields: readonly DescField[],
  paths: readonly string[] | undefined,
): { readonly fields: readonly DescField[]; readonly problems: readonly Problem[] } {
  const field = 'update_mask'
  if (paths === undefined)
    return { fields: [], problems: [{ field, description: 'is required: which fields to change' }] }
  const names = [...new Set(paths)]
  const known = new Set(schema.fields.map(({ name }) => name))
  const unknown = names.filter((name) => !known.has(name)).slice(0, maxProblems)
  return {
    fields: inputFields.filter(({ name }) => names.includes(name)),
    problems: unknown.map((name) => {
      const whole = name.split('.', 1)[0] ?? ''
      const why = known.has(whole)
        ? `names a part of ${whole}, which is changed whole`
        : `is no field of a ${schema.name}`
      return { field, description: `${quoteShort(name)} ${why}` }
    }),
  }
}

/** The message as it would be with the fields changed. */
export function applyFields<D extends DescMessage>(
  schema: D,
  before: MessageShape<D>,
  patch: MessageShape<D>,
  fields: readonly DescField[],
): MessageShape<D> {
  const after = clone(schema, before)
  const [target, source] = [reflect(schema, after), reflect(schema, clone(schema, patch))]
  for (const field of fields) {
    target.clear(field)
    if (source.isSet(field)) target.set(field, source.get(field))
  }
  return after
}
