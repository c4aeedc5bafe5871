import { describe, expect, test } from 'vitest'
import { fallbackText, renderSettings, type SettingFacts } from './render-settings.ts'

function aSetting(facts: Partial<SettingFacts> & { env: string }): SettingFacts {
  return { doc: 'What.', fallback: 1, required: false, secret: false, bounds: 'any', read: Number, ...facts }
}

describe('fallbackText', () => {
  test.each([
    [{ fallback: 5 }, '`5`'],
    [{ fallback: 'info', read: (text: string) => text }, '`info`'],
    [{ fallback: ['a', 'b'], read: (text: string) => text.split(',') }, '`a,b`'],
    [{ fallback: '/home/x/data', read: (text: string) => text }, '`data`'],
    [{ fallback: undefined }, 'none'],
    [{ fallback: { entries: [] } }, 'none'],
    [{ fallback: undefined, required: true }, 'required'],
  ])('writes the default of %j as %s', (facts, written) => {
    expect(fallbackText(aSetting({ env: 'A', ...facts }), '/home/x')).toBe(written)
  })

  test('writes a default that is kept in milliseconds in the seconds that the variable takes', () => {
    const read = (text: string) => text.split(',').map((part) => Number(part) * 1_000)
    expect(fallbackText(aSetting({ env: 'A_SECS', fallback: [5_000, 300_000], read }), '/')).toBe('`5,300`')
  })

  test('refuses a default that no text gives', () => {
    expect(() => fallbackText(aSetting({ env: 'A', read: () => 2 }), '/')).toThrow('the default of A')
  })
})

describe('renderSettings', () => {
  const port = (fallback: number) => aSetting({ env: 'PORT', fallback })
  const own = aSetting({ env: 'MAIL_KEY', doc: 'Opens | closes.', secret: true, fallback: undefined })
  const page = renderSettings(
    [
      { service: 'jobs', settings: [port(1)] },
      { service: 'mail', settings: [port(2), own] },
      { service: 'all', settings: [aSetting({ env: 'PORT', doc: 'Another meaning.' })] },
    ],
    '/',
  )

  test('tells what several services read in the same words once, with the default of each', () => {
    expect(page).toContain('| `PORT` | `1` jobs, `2` mail | every service | any | What. |')
  })

  test('tells what is one service’s own, or means something else to it, under its name', () => {
    expect(page).toMatch(
      /## mail\n[^#]*\| `MAIL_KEY` \| none \| any \| \*\*Secret\.\*\* Opens \\\| closes\. \|/,
    )
    expect(page).toMatch(/## all\n[^#]*\| `PORT` \| `1` \| any \| Another meaning\. \|/)
  })

  test('has no section for a service whose settings are all shared', () => {
    expect(page).not.toContain('## jobs')
  })
})
