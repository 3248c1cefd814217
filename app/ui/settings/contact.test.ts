import { expect, test } from 'vitest'
import { contactLink } from './contact.ts'

test('an e-mail address or an https page becomes a link, and nothing else does', () => {
  expect(contactLink('anna@council.example')).toBe('mailto:anna@council.example')
  expect(contactLink('mailto:anna@council.example')).toBe('mailto:anna@council.example')
  expect(contactLink('https://council.example/us')).toBe('https://council.example/us')
  for (const other of [
    'javascript:alert(1)',
    'data:text/html,hello',
    'http://council.example',
    'ring at the green door',
    'a@b?c@d e'
  ])
    expect(contactLink(other), other).toBe(null)
})
