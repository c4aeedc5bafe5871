// docs/errors.md, made from the schema's reasons and the tables that the doors answer by. `node scripts/errors-docs.ts` writes it,
// with --check it only compares.

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { keepPage } from './docs/keep-page.ts'
import { renderReasons } from './docs/render-errors.ts'
import { commentOf } from './openapi/comment-of.ts'
import { sayableValues } from './openapi/enum-words.ts'
import { readSchema } from './openapi/read-schema.ts'
import { root } from './tools/run-tool.ts'

export const errorsPage = 'docs/errors.md'
const codes = 'libs/service-kit/src/refusal.ts'
const statuses = 'libs/contracts/src/rest-status.ts'

/** The page as the schema and the code below a folder ask for it. */
export async function renderErrors(from: string): Promise<string> {
  // By their paths: the page is of the folder that was named.
  const load = (file: string) => import(pathToFileURL(join(from, file)).href)
  const { reasonCodes } = (await load(codes)) as { reasonCodes: Readonly<Record<string, number>> }
  const { restStatusOf } = (await load(statuses)) as { restStatusOf: (reason: string) => number | undefined }
  const enums = (await readSchema(from)).flatMap((file) => file.enums)
  const reasons = enums.find(({ typeName }) => typeName === 'strait.errors.v1.Reason')
  if (reasons === undefined) throw new Error('the schema has no strait.errors.v1.Reason')
  return renderReasons(
    sayableValues(reasons).map((value) => ({
      reason: value.localName,
      comment: commentOf(value),
      code: reasonCodes[value.localName],
      status: restStatusOf(value.localName),
    })),
  )
}

if (import.meta.main) {
  await keepPage(root, errorsPage, 'scripts/errors-docs.ts', () => renderErrors(root))
}
