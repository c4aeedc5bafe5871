// What holds in environments, values and all: one statement for a whole batch and all of their lines, each environment of a line opened
// once however many lines it stands in. An environment whose variables do not open is a fault and fails the whole question: to answer
// without them would let a job fall back to its own URL.
//
// What is answered at once is bounded by the size of what is stored, known before anything is opened.

import { mergeLine } from '@strait/domain/environment'
import { isUuid } from '@strait/domain/ids'
import { sql } from 'kysely'
import type { OwnVariables } from '../../domain/environments/variables.ts'
import { answerTooLarge, maxAnswerBytes } from '../answer-bytes.ts'
import type { CatalogDb } from '../database.ts'
import { type MasterKey, openDataKey } from '../secrets/secret-box.ts'
import { openVariables } from './sealed-variables.ts'

/** What holds in an environment. */
export interface EnvironmentValues {
  /** The line from the environment to its root, each with the revision of its variables: `<id>:<revision>,…`. */
  readonly revision: string
  readonly merged: OwnVariables
}

interface LineRow {
  readonly asked: string
  readonly id: string
  readonly project_id: string
  readonly variables_revision: number
  /** Null, too, in every row when all together are too large. */
  readonly sealed_variables: Buffer | null
  readonly data_key: Buffer
  readonly is_too_large: boolean
}

/**
 * Answers in the order of the ids; undefined for what is not there or was deleted. A line is ten environments of 2 MiB at most, so a
 * question about one environment always has an answer.
 */
export async function findEnvironmentValues(
  db: CatalogDb,
  masterKey: MasterKey,
  ids: readonly string[],
): Promise<readonly (EnvironmentValues | undefined)[]> {
  const asked = [...new Set(ids.filter(isUuid).map((id) => id.toLowerCase()))]
  const { rows } = await sql<LineRow>`
    with recursive line as (
      select id as asked, id, parent_id, 1 as depth
      from environments where id = any(${asked}::uuid[]) and deleted_at is null
      union all
      select l.asked, p.id, p.parent_id, l.depth + 1
      from line as l join environments as p on p.id = l.parent_id where l.depth < 10
    ), sized as (
      select sum(octet_length(e.sealed_variables)) > ${maxAnswerBytes} as is_too_large
      from line as l join environments as e on e.id = l.id
    )
    select
      l.asked, e.id, e.project_id, e.variables_revision, p.data_key, coalesce(s.is_too_large, false) as is_too_large,
      case when s.is_too_large then null else e.sealed_variables end as sealed_variables
    from line as l
    join environments as e on e.id = l.id
    join projects as p on p.id = e.project_id
    cross join sized as s
    order by l.asked, l.depth
  `.execute(db)
  if (rows[0]?.is_too_large === true) throw answerTooLarge()
  const openRow = createOpener(masterKey)
  const lines = Map.groupBy(rows, (row) => row.asked)
  return ids.map((id) => {
    const line = lines.get(id.toLowerCase())
    if (line === undefined) return undefined
    return {
      revision: line.map((row) => `${row.id}:${row.variables_revision}`).join(','),
      merged: mergeLine(line.map(openRow).reverse()),
    }
  })
}

/** Opens rows, each environment and each data key once. */
function createOpener(masterKey: MasterKey): (row: LineRow) => OwnVariables {
  const keys = new Map<string, Buffer>()
  const opened = new Map<string, OwnVariables>()
  return (row) => {
    const known = opened.get(row.id)
    if (known !== undefined) return known
    const key = keys.get(row.project_id) ?? openDataKey(masterKey, row.project_id, row.data_key)
    keys.set(row.project_id, key)
    const own = openVariables(key, { projectId: row.project_id, id: row.id }, row.sealed_variables)
    opened.set(row.id, own)
    return own
  }
}
