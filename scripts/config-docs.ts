// docs/configuration.md, made from the tables of settings that the services read: the page cannot say anything else than the
// code does. `node scripts/config-docs.ts` writes it, with --check it only compares.

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { keepPage } from './docs/keep-page.ts'
import { renderSettings, type ServiceSettings, type SettingFacts } from './docs/render-settings.ts'
import { root } from './tools/run-tool.ts'

export const configurationPage = 'docs/configuration.md'

/** The settings of every service that has a table of them, in the order of the services' names. */
export async function readAllSettings(from: string): Promise<readonly ServiceSettings[]> {
  const folder = join(from, 'services')
  const services = existsSync(folder) ? readdirSync(folder).sort() : []
  const found = services.map((service) => ({ service, file: join(folder, service, 'src', 'config.ts') }))
  return Promise.all(
    found
      .filter(({ file }) => existsSync(file))
      .map(async ({ service, file }) => {
        // By its path: scripts depend on no service.
        const config = (await import(pathToFileURL(file).href)) as {
          settings?: Readonly<Record<string, SettingFacts>>
        }
        return { service, settings: Object.values(config.settings ?? {}) }
      }),
  )
}

/** The page as the code below a folder asks for it. */
export async function renderConfiguration(from: string): Promise<string> {
  return renderSettings(await readAllSettings(from), from)
}

if (import.meta.main) {
  await keepPage(root, configurationPage, 'scripts/config-docs.ts', () => renderConfiguration(root))
}
