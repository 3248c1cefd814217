import { createHash, timingSafeEqual } from 'node:crypto'

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Whether an admission text is one of the vouchers. Takes as long for a near miss as for a far one. */
export const createVoucherCheck = (vouchers: readonly string[]): ((admission: string) => boolean) => {
  const known = vouchers.map(digest)
  return (admission) => {
    const given = digest(admission)
    let found = false
    for (const each of known) found = timingSafeEqual(each, given) || found
    return found
  }
}
