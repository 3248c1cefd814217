import { useState } from 'react'
import type { Words } from '#app/sync/status.ts'
import { t } from '#app/ui/i18n.ts'
import { announce } from '#app/ui/parts/announce.ts'
import { Choice } from '#app/ui/parts/Fields.tsx'
import { useLive } from '#app/ui/parts/live.ts'
import { Press } from '#app/ui/parts/Press.tsx'
import { useWorld } from '#app/ui/world.ts'
import { phraseQuiz } from './quiz.ts'
import { useSettings } from './useSettings.ts'

const Sheet = ({ words }: { readonly words: Words }) => {
  const { relay } = useLive(useWorld().sync)
  return (
    <div className="sheet">
      <ol className="words">
        {words.map((word, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a word may stand twice in a phrase; its place is what it is.
          <li key={index}>{word}</li>
        ))}
      </ol>
      {relay !== null && <p className="soft small">{t('phrase.relay', { relay })}</p>}
    </div>
  )
}

const random = (): number => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32

/** Three words picked from one's own sheet: proof that it was written down. */
const Quiz = ({
  words,
  onRight,
  onBack
}: {
  readonly words: Words
  readonly onRight: () => void
  readonly onBack: () => void
}) => {
  const [questions] = useState(() => phraseQuiz(words, random))
  const [answers, setAnswers] = useState<readonly (string | null)[]>([null, null, null])
  const [wrong, setWrong] = useState(false)
  const check = (): void => {
    if (questions.every(({ index }, at) => answers[at] === words[index])) onRight()
    else setWrong(true)
  }
  return (
    <div className="stack">
      {questions.map(({ index, options }, at) => (
        <Choice
          key={index}
          legend={t('phrase.which', { place: index + 1 })}
          value={answers[at] ?? null}
          options={options.map((word) => ({ value: word, label: word }))}
          onChoose={(word) => {
            setWrong(false)
            setAnswers(answers.with(at, word))
          }}
        />
      ))}
      {wrong && (
        <p className="warn" role="alert">
          {t('phrase.wrong')}
        </p>
      )}
      <div className="row">
        <Press weight="light" disabled={answers.includes(null)} onPress={check}>
          {t('phrase.check')}
        </Press>
        <Press weight="quiet" onPress={onBack}>
          {t('phrase.look-again')}
        </Press>
      </div>
    </div>
  )
}

/** Twelve words that are the person's whole key: shown on request, confirmed by picking, shown again any time. */
export const Phrase = () => {
  const { phrase } = useWorld()
  const [{ phraseConfirmed }, change] = useSettings()
  const [words, setWords] = useState<Words | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [asking, setAsking] = useState(false)
  const show = async (): Promise<void> => {
    const shown = await phrase.show()
    if (shown.ok) setWords(shown.value)
    setProblem(shown.ok ? null : t(`phrase.problem.${shown.error}`))
  }
  const confirmed = (): void => {
    change({ phraseConfirmed: true })
    setAsking(false)
    setWords(null)
    announce(t('phrase.confirmed'))
  }
  return (
    <>
      <p>{t('phrase.what')}</p>
      <p className="soft">{t('phrase.careful')}</p>
      {phraseConfirmed && words === null && <p className="safe">{t('phrase.confirmed')}</p>}
      {problem !== null && (
        <p className="warn" role="alert">
          {problem}
        </p>
      )}
      {words === null && (
        <Press weight={phraseConfirmed ? 'plain' : 'light'} onPress={() => void show()}>
          {t(phraseConfirmed ? 'phrase.show-again' : 'phrase.show')}
        </Press>
      )}
      {words !== null && !asking && (
        <>
          <Sheet words={words} />
          <div className="row">
            {!phraseConfirmed && (
              <Press weight="light" onPress={() => setAsking(true)}>
                {t('phrase.written')}
              </Press>
            )}
            <Press weight="quiet" onPress={() => setWords(null)}>
              {t('phrase.hide')}
            </Press>
          </div>
        </>
      )}
      {words !== null && asking && <Quiz words={words} onRight={confirmed} onBack={() => setAsking(false)} />}
    </>
  )
}
