// Variables at rest: names and values of one environment sealed together under its project's data key, for this environment alone.

import { sql } from 'kysely'
import {
  noVariables,
  type OwnVariables,
  variablesFromText,
  variablesToText,
} from '../../domain/environments/variables.ts'
import type { CatalogDb } from '../database.ts'
import { open, seal, variablesOf } from '../secrets/secret-box.ts'

interface Owner {
  readonly projectId: string
  readonly id: string
}

/** Seals variables; null where there are none. */
export function sealVariables(
  dataKey: Uint8Array,
  { projectId, id }: Owner,
  own: OwnVariables,
): Buffer | null {
  if (own.variables.size === 0 && own.jobOverrides.size === 0) return null
  return seal(dataKey, Buffer.from(variablesToText(own)), variablesOf(projectId, id))
}

/** Opens variables. */
export function openVariables(
  dataKey: Uint8Array,
  { projectId, id }: Owner,
  sealed: Uint8Array | null,
): OwnVariables {
  if (sealed === null) return noVariables
  return variablesFromText(open(dataKey, sealed, variablesOf(projectId, id)).toString())
}

/** The variables of an environment with their values. */
export async function findVariables(db: CatalogDb, dataKey: Uint8Array, owner: Owner): Promise<OwnVariables> {
  const { rows } = await sql<{ sealed_variables: Buffer | null }>`
    select sealed_variables from environments where id = ${owner.id} and project_id = ${owner.projectId}
  `.execute(db)
  return openVariables(dataKey, owner, rows[0]?.sealed_variables ?? null)
}
