import { createRoot } from 'react-dom/client'
import { createWorld } from '#app/compose/world.ts'
import { App } from '#app/ui/App.tsx'
import { speak, wantedLocale } from '#app/ui/i18n.ts'
import { readyAllRooms, readyRoom } from '#app/ui/rooms.ts'
import { createRouter } from '#app/ui/router.ts'

/** Local database, locks and keys carry it. One profile today; profiles of their own come with their issue. */
const PROFILE = 'self'

// Not at the top level: the screens' own chunks import this one, and would wait for it while it waits for them.
const start = async (): Promise<void> => {
  const router = createRouter(window)
  // Asked for before the database is opened: both are here about the same time.
  const room = readyRoom(router.get())
  const { world, curtain } = await createWorld(PROFILE)
  await Promise.all([room, world.store.usable, world.sitting.recover()])
  await speak(wantedLocale(world.store.settings.get().language))

  const root = document.getElementById('root')
  if (root === null) throw new Error('the page has no root')
  createRoot(root).render(<App world={world} router={router} onShown={curtain.raise} />)
  await curtain.soon()
  await readyAllRooms()
}

void start()
