import { expect, test } from 'vitest'
import { mayDial, parseRelayAddress } from './address.ts'

const at = (text: string, page = 'https://council.example') => {
  const address = parseRelayAddress(text, page)
  return address.ok ? `${address.value.name} ${address.value.url}` : address.error
}

test('[DV28] the host that AUTH signs is lower case, with a port unless it is the default one', () => {
  expect(at('Relay.Example')).toBe('relay.example wss://relay.example/sealed')
  expect(at(' relay.example:443 ')).toBe('relay.example wss://relay.example/sealed')
  expect(at('relay.example:8443')).toBe('relay.example:8443 wss://relay.example:8443/sealed')
  expect(at('localhost:8080', 'http://localhost:8080')).toBe('localhost:8080 ws://localhost:8080/sealed')
  expect(at('http://relay.example:80/')).toBe('relay.example ws://relay.example/sealed')
  expect(at('wss://relay.example/sealed')).toBe('relay.example wss://relay.example/sealed')
})

test('[DV28] what is no address is told', () => {
  for (const text of [
    '',
    ' ',
    'ftp://relay.example',
    'relay.example/elsewhere',
    'a b',
    'https://user@relay.example',
    'x?y',
    'javascript:alert(1)',
    'http://',
    '-',
    '..',
    'relay..example',
    '-relay.example',
    'two%20words.example',
    'x'.repeat(3_000),
    `${'a'.repeat(64)}.example`,
    'relay.example:99999'
  ])
    expect(at(text), text).toBe('malformed-address')
  for (const text of ['[::1]:8080', '192.168.0.7:8080', 'my_relay', 'bücher.example', 'a'.repeat(63)])
    expect(at(text), text).not.toBe('malformed-address')
})

test('[DV28] a page over https dials no plain relay but its own machine', () => {
  const dialled = (text: string, page: string): boolean => {
    const address = parseRelayAddress(text, page)
    return address.ok && mayDial(address.value, page)
  }
  expect(dialled('http://relay.example', 'https://council.example')).toBe(false)
  expect(dialled('http://localhost:8080', 'https://council.example')).toBe(true)
  expect(dialled('relay.example', 'http://council.example')).toBe(true)
})
