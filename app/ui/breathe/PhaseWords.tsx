interface PhaseWordsProps {
  /** Everything this practice will say. */
  readonly words: readonly string[]
  readonly shown: string
}

/**
 * The word of the phase, large. Every word lies in its place from the start, one above the other: a new phase changes which one is seen
 * and lays nothing out while the breath moves.
 */
export const PhaseWords = ({ words, shown }: PhaseWordsProps) => (
  <p className="session-word word" aria-hidden="true">
    {[...new Set([...words, shown])].map((word) => (
      <span key={word} className={word === shown ? 'word-now' : undefined}>
        {word}
      </span>
    ))}
  </p>
)
