/** Runs one thing after another in this thread; a failed one does not hold up the next. */
export const createTurns = () => {
  let last: Promise<unknown> = Promise.resolve()
  return <Value>(run: () => Promise<Value>): Promise<Value> => {
    const next = last.then(run)
    last = next.catch(() => undefined)
    return next
  }
}
