import { WebsocketProvider } from 'y-websocket'
import { createCell } from './cell.ts'
import type { Observable } from './status.ts'

type Doc = ConstructorParameters<typeof WebsocketProvider>[2]
type Polyfill = NonNullable<ConstructorParameters<typeof WebsocketProvider>[3]>['WebSocketPolyfill']

/** 'refused': the relay has said no, and does not change its mind by being asked again. */
export type OpenRoomState = 'connecting' | 'connected' | 'synced' | 'refused'

export interface OpenRoomOptions {
  /** ws(s)://host */
  readonly relay: string
  readonly room: string
  /** The store's document. */
  readonly doc: Doc
  readonly WebSocket?: Polyfill
}

/** An open document over the stock provider. */
export interface OpenRoom extends Observable<OpenRoomState> {
  /** This device's presence; null: none. */
  say(state: Readonly<Record<string, unknown>> | null): void
  /** Presence of others. */
  onSaid(hear: (state: unknown) => void): void
  close(): void
}

/** A relay that is away is tried at least so often: its field is no reason to ask more. */
const LONGEST_WAIT_MS = 20_000

interface AwarenessChange {
  readonly added: readonly number[]
  readonly updated: readonly number[]
}

export const createOpenRoom = ({ relay, room, doc, WebSocket }: OpenRoomOptions): OpenRoom => {
  const state = createCell<OpenRoomState>('connecting')
  const provider = new WebsocketProvider(`${relay}/y`, room, doc, {
    connect: false,
    // Each tab asks by itself: what one tab says of itself is not for the others.
    disableBc: true,
    maxBackoffTime: LONGEST_WAIT_MS,
    ...(WebSocket === undefined ? {} : { WebSocketPolyfill: WebSocket })
  })
  const { awareness } = provider
  // Nothing is said of this device unless somebody says it.
  awareness.setLocalState(null)
  provider.on('status', ({ status }) => {
    if (status === 'connected') state.set('connected')
    else if (state.get() !== 'refused') state.set('connecting')
  })
  provider.on('sync', (isSynced) => {
    if (isSynced) state.set('synced')
  })
  provider.on('closed', () => state.set('refused'))
  provider.connect()
  let isClosed = false
  return {
    get: state.get,
    subscribe: state.subscribe,
    say: (said) => awareness.setLocalState(said),
    onSaid(hear) {
      awareness.on('update', ({ added, updated }: AwarenessChange) => {
        for (const client of [...added, ...updated]) {
          if (client !== awareness.clientID) hear(awareness.getStates().get(client))
        }
      })
    },
    close() {
      if (isClosed) return
      isClosed = true
      awareness.setLocalState(null)
      provider.destroy()
      awareness.destroy()
    }
  }
}
