import { type ReactNode, useEffect, useRef } from 'react'

interface SayProps {
  /** What became of what was asked for; null as long as there is nothing to say. */
  readonly children: ReactNode
  readonly role: 'alert' | 'status'
  readonly className?: string
  readonly id?: string
}

/** An answer is brought into view: on a phone it would often come up behind the places along the bottom. */
export const Say = ({ children, role, className = '', id }: SayProps) => {
  const here = useRef<HTMLParagraphElement>(null)
  const silent = children === null
  useEffect(() => {
    if (!silent) here.current?.scrollIntoView({ block: 'nearest' })
  }, [silent])
  return (
    <p ref={here} id={id} role={role} className={`say ${className}`}>
      {children}
    </p>
  )
}
