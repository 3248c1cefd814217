interface OneOfProps {
  readonly className: string
  /** Everything that will be shown here. */
  readonly words: readonly string[]
  /** '' for none of them. */
  readonly shown: string
}

/**
 * One of several words or numbers. Every one lies in its place from the start, one above the other: a new one changes which is seen and
 * lays nothing out while the breath moves. Ears are told elsewhere.
 */
export const OneOf = ({ className, words, shown }: OneOfProps) => (
  <p className={`one-of ${className}`} aria-hidden="true">
    {[...new Set([...words, shown])]
      .filter((word) => word !== '')
      .map((word) => (
        <span key={word} className={word === shown ? 'one-now' : undefined}>
          {word}
        </span>
      ))}
  </p>
)

/** From 1 up, as they are shown. */
export const numbersTo = (last: number): readonly string[] => Array.from({ length: last }, (_, n) => String(n + 1))
