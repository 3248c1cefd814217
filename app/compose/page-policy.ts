import { createCell } from '#app/ui/parts/live.ts'
import { after } from './page.ts'

/** What the page's policy (CONNECT_ORIGINS of the host that serves it) says to a dialled relay. The browser tells it by an event only. */

const SETTLE_MS = 100
const PATIENCE_MS = 5_000

const hostOf = (url: string): string | null => (URL.canParse(url) ? new URL(url).host : null)

export const watchPagePolicy = () => {
  const refused = createCell<readonly string[]>([])
  document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
    const host = effectiveDirective === 'connect-src' ? hostOf(blockedURI) : null
    if (host !== null && !refused.get().includes(host)) refused.set([...refused.get(), host])
  })
  return {
    refused,
    /** Dials once to see. A relay that is away is allowed: only the policy is asked. */
    allows: (url: string, protocols: readonly string[]): Promise<boolean> =>
      new Promise((resolve) => {
        const host = hostOf(url)
        const isRefused = (): boolean => refused.get().some((each) => each === host)
        // The policy is the page's for as long as there is the page.
        if (isRefused()) return resolve(false)
        const socket = new WebSocket(url, [...protocols])
        const end = (): void => {
          forget()
          socket.close()
          resolve(!isRefused())
        }
        // The browser says so at once, and closes a refused socket only some seconds later.
        const forget = refused.subscribe(() => {
          if (isRefused()) end()
        })
        // The event may come a little after the socket has failed.
        socket.onopen = end
        socket.onclose = () => void after(SETTLE_MS, end)
        after(PATIENCE_MS, end)
      })
  }
}
