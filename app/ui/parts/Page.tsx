import { type ReactNode, useEffect, useRef } from 'react'
import { t } from '#app/ui/i18n.ts'
import { useRouter } from '#app/ui/router.ts'

interface PageProps {
  readonly title: string
  /** Shown instead of the title; the title stays what the tab and the screen reader say. */
  readonly heading?: ReactNode
  readonly back?: boolean
  readonly className?: string
  readonly children: ReactNode
}

/** The first page of a visit leaves the focus alone; every later one takes it to its heading. */
let arrived = false

/** One place: names the tab, takes the focus to its heading, offers the way back. */
export const Page = ({ title, heading, back = false, className = '', children }: PageProps) => {
  const router = useRouter()
  const head = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} · Sacred Council`
    if (arrived) head.current?.focus({ preventScroll: true })
    arrived = true
  }, [title])
  return (
    <div className={`page ${className}`}>
      {back && (
        <button type="button" className="press press-quiet page-back" onClick={router.back}>
          <span aria-hidden="true" className="arrow" />
          {t('nav.back')}
        </button>
      )}
      <h1 ref={head} tabIndex={-1}>
        {heading ?? title}
      </h1>
      {children}
    </div>
  )
}
