import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bestSmallDisk, canUnshare, openSmallDisk, type SmallDiskKind } from './small-disk.ts'

const place = mkdtempSync(join(tmpdir(), 'council-mount-'))
/** What stands in where the best cannot be had is tried wherever it can be. */
const kinds = new Set<SmallDiskKind>([
  bestSmallDisk(place),
  ...(canUnshare(place) ? (['tmpfs in a user namespace'] as const) : []),
  'shim'
])
rmdirSync(place)

test.each([...kinds])(
  'a small disk (%s) takes nothing more once it is full, and again what there is room for',
  async (kind) => {
    await using disk = await openSmallDisk(2, kind)
    const write = (name: string, blocks: number): string => {
      const [command = '', ...args] = [...disk.wrapper, 'dd', 'if=/dev/zero', `of=${join(disk.path, name)}`]
      const { stderr } = spawnSync(command, [...args, 'bs=4k', `count=${blocks}`], {
        env: { PATH: process.env.PATH, LC_ALL: 'C', ...disk.env },
        encoding: 'utf8'
      })
      return stderr
    }
    expect(write('before', 20)).toContain('20+0 records out')
    await disk.fill()
    expect(write('meanwhile', 1)).toContain('No space left on device')
    await disk.free()
    expect(write('after', 20)).toContain('20+0 records out')
  }
)

test('nothing is left of a disk', async () => {
  const { path } = await (async () => {
    await using disk = await openSmallDisk(1)
    return disk
  })()
  expect(execFileSync('cat', ['/proc/mounts'], { encoding: 'utf8' })).not.toContain(path)
})
