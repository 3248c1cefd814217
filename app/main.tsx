import { createRoot } from 'react-dom/client'
import { createWorld } from '#app/compose/world.ts'
import { App } from '#app/ui/App.tsx'
import { createRouter } from '#app/ui/router.ts'

/** Local database, locks and keys carry it. One profile today; profiles of their own come with their issue. */
const PROFILE = 'self'

const { world, shown } = await createWorld(PROFILE)
await Promise.all([world.store.usable, world.sitting.recover()])

const root = document.getElementById('root')
if (root === null) throw new Error('the page has no root')
createRoot(root).render(<App world={world} router={createRouter(window)} onShown={shown} />)
