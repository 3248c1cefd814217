import type { KeptRelay } from '#app/domain/settings/settings.ts'
import type { Store } from '#app/store/face.ts'
import { chosenAddresses, keptAddress } from '#app/sync/address.ts'
import type { SyncParts } from '#app/sync/sync-parts.ts'

/**
 * The relays as the person wishes them. The wish is kept in the keyring and reaches every device: one key a relay, so that what two
 * devices change at once is both so.
 */
export const relaySettingOf = (
  { settings, relays, dispatch }: Pick<Store, 'settings' | 'relays' | 'dispatch'>,
  page: string
): SyncParts['relaySetting'] => {
  const chosen = (): readonly KeptRelay[] => relays.get().filter(({ left }) => !left)
  const get = (): string => {
    const addresses = chosen().map(({ address }) => address)
    return addresses.length > 0 ? addresses.join(' ') : settings.get().relay
  }
  const named = (text: string): readonly KeptRelay[] => {
    const { relays: allowed, refused } = chosenAddresses({ page, relaySetting: { get: () => text } })
    return [...allowed, ...refused].map((relay) => ({ name: relay.name, address: keptAddress(relay), left: false }))
  }
  const set = async (text: string): Promise<void> => {
    const isNamed = text !== '' && text !== 'none'
    const next = isNamed ? named(text) : []
    // Also the page's own, that had no name until now: what it holds is to be found when everything is erased.
    const gone = named(get()).filter(({ name }) => !next.some((each) => each.name === name))
    await dispatch({ kind: 'change-relays', relays: [...next, ...gone.map((relay) => ({ ...relay, left: true }))] })
    if (!isNamed || settings.get().relay === 'none')
      await dispatch({ kind: 'change-settings', change: { relay: isNamed ? '' : text } })
  }
  return {
    get,
    subscribe: (changed) => {
      const stops = [settings.subscribe(changed), relays.subscribe(changed)]
      return () => {
        for (const stop of stops) stop()
      }
    },
    set,
    former: () =>
      relays
        .get()
        .filter(({ left }) => left)
        .map(({ address }) => address)
  }
}
