import pg from 'pg'

/** One connection for one statement after the other, made when it is needed and again when it broke. A pool would cost as much as the statement. */
export interface Lane {
  query(text: string, values: readonly unknown[]): Promise<readonly (readonly unknown[])[]>
  close(): Promise<void>
}

const READ_ONLY = '25006'

/** @param report told of connections that break while nobody uses them */
export const createLane = (config: pg.ClientConfig, report: (cause: Error) => void): Lane => {
  let current: Promise<pg.Client> | undefined
  let isClosed = false

  const open = (): Promise<pg.Client> => {
    const client = new pg.Client(config)
    const opening = client.connect().then(() => client)
    const forget = (): void => {
      if (current === opening) current = undefined
    }
    client.on('error', (cause) => {
      if (current === opening) report(cause)
      forget()
    })
    client.on('end', forget)
    return opening
  }

  return {
    async query(text, values) {
      if (isClosed) throw new Error('the store has stopped')
      current ??= open()
      const mine = current
      try {
        const client = await mine
        return (await client.query<unknown[]>({ text, values: [...values], rowMode: 'array' })).rows
      } catch (cause) {
        // What Postgres refused leaves the connection as it was. All else leaves it in doubt: an answer may still be under way, and
        // a server that is read-only now may be the old one of two.
        if (!(cause instanceof pg.DatabaseError && cause.severity === 'ERROR' && cause.code !== READ_ONLY)) {
          if (current === mine) current = undefined
          mine.then(
            (client) => client.connection.stream.destroy(),
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
        (client) => client.end(),
        () => {}
      )
    }
  }
}
