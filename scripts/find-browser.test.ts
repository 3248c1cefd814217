import { expect, test } from 'vitest'
import { findBrowser, type Machine } from './find-browser.ts'

type Asked = { readonly machine: Machine; readonly ran: string[] }

const machineWith = (
  files: readonly string[],
  options: { isRoot?: boolean; afterInstall?: string; env?: Record<string, string> } = {}
): Asked => {
  const present = new Set(files)
  const ran: string[] = []
  const machine: Machine = {
    env: { PATH: '/usr/local/bin:/usr/bin', ...options.env },
    isRoot: options.isRoot ?? false,
    canRun: (path) => present.has(path),
    playwrightPath: () => '/home/a/.cache/ms-playwright/chromium/chrome',
    run: (command, args) => {
      ran.push([command, ...args].join(' '))
      if (args.includes('install') && options.afterInstall !== undefined) present.add(options.afterInstall)
      return !args.includes('install') || options.afterInstall !== undefined
    }
  }
  return { machine, ran }
}

test("the system's browser comes before Playwright's", () => {
  const both = machineWith(['/usr/bin/chromium', '/home/a/.cache/ms-playwright/chromium/chrome'])
  expect(findBrowser(both.machine)).toEqual({ ok: true, path: '/usr/bin/chromium' })
  const own = machineWith(['/home/a/.cache/ms-playwright/chromium/chrome'])
  expect(findBrowser(own.machine)).toEqual({ ok: true, path: '/home/a/.cache/ms-playwright/chromium/chrome' })
})

test('CHROMIUM names one to take before all others', () => {
  const named = machineWith(['/usr/bin/chromium', '/opt/c'], { env: { CHROMIUM: '/opt/c' } })
  expect(findBrowser(named.machine)).toEqual({ ok: true, path: '/opt/c' })
})

test('root installs the package, after an update', () => {
  const bare = machineWith(['/usr/bin/apt-get'], { isRoot: true, afterInstall: '/usr/bin/chromium' })
  expect(findBrowser(bare.machine)).toEqual({ ok: true, path: '/usr/bin/chromium' })
  expect(bare.ran.map((line) => line.split(' ')[1])).toEqual(['update', 'install'])
})

test('on a person’s account nothing is installed: the one command is named', () => {
  const person = machineWith(['/usr/bin/apt-get'])
  expect(findBrowser(person.machine)).toEqual({
    ok: false,
    command: 'sudo apt-get install -y --no-install-recommends chromium'
  })
  expect(person.ran).toEqual([])
  expect(findBrowser(machineWith([]).machine)).toEqual({ ok: false, command: 'npx playwright install chromium' })
})

test('a failed installation is a missing browser, not a crash', () => {
  const offline = machineWith(['/usr/bin/apt-get'], { isRoot: true })
  expect(findBrowser(offline.machine).ok).toBe(false)
})
