import { type RefObject, useEffect, useRef } from 'react'

/**
 * For words that take the place of what was pressed: the focus that went with it comes to them. It is left where it is otherwise.
 * @param otherwise runs where the focus was not lost
 */
export const useReadOn = <Element extends HTMLElement>(otherwise?: () => void): RefObject<Element | null> => {
  const here = useRef<Element>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the words come up.
  useEffect(() => {
    if (document.activeElement === document.body) here.current?.focus()
    else otherwise?.()
  }, [])
  return here
}
