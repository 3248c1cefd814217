import { useLive } from './parts/live.ts'
import { type Told, tellSafety } from './safety.ts'
import { useWorld } from './world.ts'

/** How safe things are now, in the words of safety.ts. */
export const useSafety = (): Told => {
  const { keep, store, sync } = useWorld()
  return tellSafety(useLive(keep), useLive(store.status).unsaved, useLive(sync))
}
