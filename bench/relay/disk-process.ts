import process from 'node:process'
import { measureDisk } from './disk.ts'

/** `disk-process.ts <folder> <block bytes> <times>`: in a process of its own, so that the disk can be slowed for it as for the relay. */
const [folder = '.', blockBytes, times] = process.argv.slice(2)
console.log(JSON.stringify(measureDisk(folder, Number(blockBytes), Number(times))))
