import { expect, test } from 'vitest'
import { coresOf, cpuSecondsOf, statusBytes } from './proc.ts'

test('CPU seconds are read from behind the name of the command, whatever it is', () => {
  const fields = 'S 1 2 3 0 -1 4194304 9 0 0 0 150 50 0 0 20 0 11 0 5'
  expect(cpuSecondsOf(`42 (node) ${fields}`)).toBe(2)
  expect(cpuSecondsOf(`42 (a) 7 (b) ${fields}`)).toBe(2)
})

test('memory is told in kB', () => {
  expect(statusBytes('VmPeak:\t 1 kB\nVmHWM:\t  90 kB\nVmRSS:\t  80 kB\n', 'VmRSS')).toBe(81_920)
})

test('a list of cores holds ranges and single ones', () => {
  expect(coresOf('0-2,5')).toEqual([0, 1, 2, 5])
})
