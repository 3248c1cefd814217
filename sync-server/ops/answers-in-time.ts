/**
 * Whether something answers at all, and soon: a store that hangs is as little use as one that fails. One question is under way at a
 * time, however many ask.
 */
export const createProbe = (ask: () => Promise<unknown>, withinMs: number): (() => Promise<boolean>) => {
  let asked: Promise<boolean> | undefined
  const answered = (): Promise<boolean> => {
    asked ??= ask()
      .then(
        () => true,
        () => false
      )
      .finally(() => {
        asked = undefined
      })
    return asked
  }
  return () =>
    new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), withinMs)
      answered().then((isWell) => {
        clearTimeout(timer)
        resolve(isWell)
      })
    })
}
