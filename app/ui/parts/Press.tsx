import type { MouseEvent, ReactNode, Ref } from 'react'
import { type Place, placePath } from '#app/ui/places.ts'
import { useRouter } from '#app/ui/router.ts'

type Weight = 'light' | 'plain' | 'quiet' | 'careful'

interface PressProps {
  readonly children: ReactNode
  readonly onPress: () => void
  readonly weight?: Weight
  readonly label?: string
  readonly disabled?: boolean
  readonly ref?: Ref<HTMLButtonElement>
}

/** A button. `light` once a screen at most: it is the thing to do next. */
export const Press = ({ children, onPress, weight = 'plain', label, disabled = false, ref }: PressProps) => (
  <button
    type="button"
    ref={ref}
    className={`press press-${weight}`}
    onClick={onPress}
    disabled={disabled}
    aria-label={label}
  >
    {children}
  </button>
)

interface GoProps {
  readonly to: Place
  readonly children: ReactNode
  readonly className?: string
  readonly label?: string | undefined
  readonly current?: boolean
}

const opensElsewhere = (event: MouseEvent): boolean =>
  event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey

/** A link to a place: a real address, so that it opens in a new tab and shows where it leads. */
export const Go = ({ to, children, className, label, current = false }: GoProps) => {
  const router = useRouter()
  const follow = (event: MouseEvent): void => {
    if (opensElsewhere(event)) return
    event.preventDefault()
    router.go(to)
  }
  return (
    <a
      href={placePath(to)}
      className={className}
      onClick={follow}
      aria-label={label}
      aria-current={current ? 'page' : undefined}
    >
      {children}
    </a>
  )
}
