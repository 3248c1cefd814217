import { type ReactNode, useEffect, useId, useRef } from 'react'

interface AskProps {
  readonly title: string
  readonly children: ReactNode
  readonly onClose: () => void
}

/** A modal <dialog>: the browser keeps the focus inside, closes on Escape and gives the focus back. */
export const Ask = ({ title, children, onClose }: AskProps) => {
  const dialog = useRef<HTMLDialogElement>(null)
  const leaving = useRef(false)
  const titleId = useId()
  useEffect(() => {
    const element = dialog.current
    const opener = document.activeElement
    element?.showModal()
    leaving.current = false
    return () => {
      leaving.current = true
      element?.close()
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus()
    }
  }, [])
  return (
    <dialog ref={dialog} className="ask" aria-labelledby={titleId} onClose={() => leaving.current || onClose()}>
      <div className="stack">
        <h2 id={titleId}>{title}</h2>
        {children}
      </div>
    </dialog>
  )
}
