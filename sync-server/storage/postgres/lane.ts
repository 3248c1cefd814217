import pg from 'pg'

/** One connection for one statement after the other, made when it is needed and again when it broke. A pool would cost as much as the statement. */
export interface Lane {
  query(text: string, values: readonly unknown[]): Promise<readonly (readonly unknown[])[]>
  close(): Promise<void>
}

interface Opened {
  readonly client: pg.Client
  /** Statements are parsed and planned once, under a name: to do so each time is a sixth of what a lone append costs the server. */
  hasNames: boolean
}

const READ_ONLY = '25006'
/** The name is not known to who was asked, or is another's: nothing was done. */
const MISNAMED = new Set(['26000', '42P05'])

/**
 * Who stands between tells a process id of its own. Behind it the next statement may meet another process of the server, which knows no names.
 */
const isDirect = async (client: pg.Client): Promise<boolean> => {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  // Not in the package's types: what the server named itself when the connection began.
  return rows[0]?.pid === (client as pg.Client & { readonly processID?: number | null }).processID
}

/** @param report told of connections that break while nobody uses them */
export const createLane = (config: pg.ClientConfig, report: (cause: Error) => void): Lane => {
  let current: Promise<Opened> | undefined
  let isClosed = false
  const nameByText = new Map<string, string>()

  const nameOf = (text: string): string => {
    const name = nameByText.get(text) ?? `lane_${nameByText.size}`
    nameByText.set(text, name)
    return name
  }

  const open = (): Promise<Opened> => {
    const client = new pg.Client(config)
    const connect = async (): Promise<Opened> => {
      await client.connect()
      return { client, hasNames: await isDirect(client) }
    }
    const opening = connect()
    const forget = (): void => {
      if (current === opening) current = undefined
    }
    opening.catch(() => {
      forget()
      client.connection.stream.destroy()
    })
    client.on('error', (cause) => {
      if (current === opening) report(cause)
      forget()
    })
    client.on('end', forget)
    return opening
  }

  const ask = async (opened: Opened, text: string, values: readonly unknown[]): Promise<unknown[][]> => {
    const query = { text, values: [...values], rowMode: 'array' as const }
    if (!opened.hasNames) return (await opened.client.query<unknown[]>(query)).rows
    try {
      return (await opened.client.query<unknown[]>({ ...query, name: nameOf(text) })).rows
    } catch (cause) {
      if (!(cause instanceof pg.DatabaseError && MISNAMED.has(cause.code ?? ''))) throw cause
      opened.hasNames = false
      return ask(opened, text, values)
    }
  }

  return {
    async query(text, values) {
      if (isClosed) throw new Error('the store has stopped')
      current ??= open()
      const mine = current
      try {
        return await ask(await mine, text, values)
      } catch (cause) {
        // What Postgres refused leaves the connection as it was. All else leaves it in doubt: an answer may still be under way, and
        // a server that is read-only now may be the old one of two.
        if (!(cause instanceof pg.DatabaseError && cause.severity === 'ERROR' && cause.code !== READ_ONLY)) {
          if (current === mine) current = undefined
          mine.then(
            ({ client }) => client.connection.stream.destroy(),
            () => {}
          )
        }
        throw cause
      }
    },
    async close() {
      isClosed = true
      const mine = current
      current = undefined
      await mine?.then(
        ({ client }) => client.end(),
        () => {}
      )
    }
  }
}
