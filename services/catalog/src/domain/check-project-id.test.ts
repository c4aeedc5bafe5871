import { newUuidv7 } from '@strait/domain/ids'
import { expect, test } from 'vitest'
import { checkProjectId } from './check-project-id.ts'

const own = newUuidv7()

function fieldsSaid(given: string | undefined): readonly string[] {
  const fields: string[] = []
  checkProjectId(given, own, (field) => void fields.push(field))
  return fields
}

test.each([[undefined], [''], [own], [own.toUpperCase()]])('%o is the project of the key', (given) => {
  expect(fieldsSaid(given)).toEqual([])
})

test.each([[newUuidv7()], ['demo'], [`${own} `]])('%o is another project', (given) => {
  expect(fieldsSaid(given)).toEqual(['project_id'])
})
