import { join, resolve } from 'node:path'

/** The repository's root folder. */
export const root = resolve(import.meta.dirname, '../..')

/** The folder that is tested here. */
export const deployFolder = join(root, 'deploy')
